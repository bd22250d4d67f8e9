"""Attacks on the XML parser end as Malformed with our own words, early and cheap. ACC-5.3."""

from __future__ import annotations

import threading

import pytest

from vgigw.codec import xml
from vgigw.errors import Malformed, WrongMedia

LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
ATTACKS = {
    "external entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "entity in an attribute": '<!DOCTYPE a [<!ENTITY x "y">]><a b="&x;"/>',
    "billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a>&l9;</a>',
    "bare doctype": "<!DOCTYPE a><a/>",
    "external subset": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
    "doctype behind comments": "<?xml version='1.0'?> <!--a--><?p q?><!-- <a> --><!DOCTYPE a><a/>",
    "undeclared entity": "<a>&x;</a>",
    "too deep": "<a>" * 300 + "</a>" * 300,
    "cut off": "<a><b></b>",
    "two roots": "<a/><b/>",
    "empty": "",
    "text": "hello",
    "NUL": "<a>\x00</a>",
    "NUL by reference": "<a>&#0;</a>",
    "control character by reference": "<a>&#1;</a>",
    "attribute twice": '<a b="1" b="2"/>',
    "prefix without namespace": "<x:a/>",
    "text of 11 MB": f"<a>{'x' * 11_000_000}</a>",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_malformed(attack: str) -> None:
    with pytest.raises(Malformed) as refusal:
        xml.parse(ATTACKS[attack].encode())
    for leaked in ("/etc/passwd", "line 1", "libxml", "EntityRef"):
        assert leaked not in str(refusal.value)


@pytest.mark.parametrize(
    "data",
    [
        '<?xml version="1.0" encoding="GBK"?><a>站</a>'.encode("gbk"),
        b"<?xml version='1.0' encoding='GB18030' ?><a/>",
        b'<?xml version="1.0" encoding="UTF-16"?><a/>',
        b'<?xml version="1.0" encoding="iso-8859-1"?><a>\xe9</a>',
        b'\xef\xbb\xbf<?xml version="1.0" encoding="gbk"?><a/>',
        '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"),
        "<a/>".encode("utf-16-be"),
        "<a/>".encode("utf-32"),
        '<a name="充电站"/>'.encode("gbk"),
        b"<a>\xff</a>",
        b"<a>\xed\xa0\x80</a>",
    ],
)
def test_another_encoding_than_utf_8_is_refused_declared_or_not(data: bytes) -> None:
    with pytest.raises(Malformed):
        xml.parse(data)


def test_a_declared_foreign_encoding_is_told_apart() -> None:
    with pytest.raises(WrongMedia):
        xml.parse(b'<?xml version="1.0" encoding="GBK"?><a/>')


@pytest.mark.parametrize(
    "data",
    [
        "<a>站</a>",
        '<?xml version="1.0" encoding="UTF-8"?><a>站</a>',
        "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<a>站</a>",
        "\ufeff<?xml version='1.0'?><a>站</a>",
        "<a><!-- <!DOCTYPE x> -->站</a>",
        "<a><?php x?><![CDATA[站]]></a>",
        "<a>&#x7AD9;</a>",
    ],
)
def test_utf_8_is_read_with_or_without_declaration(data: str) -> None:
    assert xml.parse(data.encode()).text == "站"


def test_text_split_by_a_comment_is_read_whole() -> None:
    assert xml.parse(b"<a>AB<!--x-->CD<?p?>EF</a>").text == "ABCDEF"


def test_a_doctype_inside_text_is_text() -> None:
    assert xml.parse(b"<a><![CDATA[<!DOCTYPE a>]]></a>").text == "<!DOCTYPE a>"


def test_a_long_prolog_costs_linear_time() -> None:
    prolog = b"<!--so long-->" * 200_000
    assert xml.parse(prolog + b"<a/>").tag == "a"
    with pytest.raises(Malformed):
        xml.parse(prolog + b"<!DOCTYPE a><a/>")


def test_threads_parse_beside_each_other() -> None:
    wrong: list[str] = []

    def work(number: int) -> None:
        for turn in range(200):
            text = f"{number}-{turn}"
            if xml.parse(f"<a>{text}</a>".encode()).text != text:
                wrong.append(text)
            try:
                xml.parse(b"<a><b></a>")
                wrong.append("accepted")
            except Malformed:
                pass

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
