<?php
// A dispatch system's SOAP client in PHP, made by SoapClient from the served WSDL.
//
//   php dispatch_soap_client.php http://127.0.0.1:8080 200000002 secrets/ 100000001 [1.2]
//
// The folder holds the secrets "ID-*.txt" that `vgigw init` writes; then comes the platform. What a
// SOAP stack does not do by itself is the MessageHeader with its signature: docs/how-to/soap-client.md.

declare(strict_types=1);

const CONTRACT = 'urn:vgigw:v1';

final class SignedClient extends SoapClient
{
    public ?string $token = null;

    public function __construct(
        string $wsdl,
        int $version,
        private string $party,
        private string $peer,
        private string $secret,
    ) {
        parent::__construct($wsdl, ['soap_version' => $version, 'cache_wsdl' => WSDL_CACHE_NONE]);
    }

    public function __doRequest(
        string $request,
        string $location,
        string $action,
        int $version,
        bool $oneWay = false,
    ): ?string {
        $message = new DOMDocument();
        $message->loadXML($request);
        $body = $this->part($message, 'Body');
        $members = [
            'OperatorID' => $this->party,
            'TimeStamp' => (new DateTime('now', new DateTimeZone('Asia/Shanghai')))->format('YmdHis'),
            'Seq' => $this->nextSeq(),
            'Suite' => 'tcec102',
            'AccessToken' => $this->token,
        ];
        $members = array_filter($members, fn ($value) => $value !== null);
        $signature = $this->sign($members, $body, null);
        $this->prepend($message, $members + ['Sig' => $signature]);
        $answer = parent::__doRequest($message->saveXML(), $location, $action, $version, $oneWay);
        $this->check((string) $answer, $signature);
        return $answer;
    }

    private function check(string $answer, string $sent): void
    {
        $message = new DOMDocument();
        $message->loadXML($answer);
        $members = [];
        $block = $message->getElementsByTagNameNS(CONTRACT, 'MessageHeader')->item(0);
        foreach ($block?->childNodes ?? [] as $child) {
            $members[$child->localName] = $child->textContent;
        }
        $expected = $this->sign($members, $this->part($message, 'Body'), $sent);
        $genuine = hash_equals($expected, $members['Sig'] ?? '');
        if (!$genuine || ($members['OperatorID'] ?? '') !== $this->peer) {
            throw new RuntimeException('the answer is not signed by the peer');
        }
    }

    private function sign(array $members, DOMElement $body, ?string $answers): string
    {
        $text = "vgigw-soap-1\n";
        foreach ($members as $name => $value) {
            $text .= $name === 'Sig' ? '' : "$name:$value\n";
        }
        $text .= $answers === null ? '' : "Answers:$answers\n";
        // Exclusive canonical form without comments.
        return strtoupper(hash_hmac('md5', $text . "\n" . $body->C14N(true, false), $this->secret));
    }

    private function prepend(DOMDocument $message, array $members): void
    {
        $header = $this->part($message, 'Header');
        if ($header === null) {
            $root = $message->documentElement;
            $header = $message->createElementNS($root->namespaceURI, $root->prefix . ':Header');
            $root->insertBefore($header, $root->firstChild);
        }
        $block = $header->appendChild($message->createElementNS(CONTRACT, 'v:MessageHeader'));
        foreach ($members as $name => $value) {
            $child = $block->appendChild($message->createElementNS(CONTRACT, "v:$name"));
            $child->appendChild($message->createTextNode($value));
        }
    }

    private function part(DOMDocument $message, string $name): ?DOMElement
    {
        foreach ($message->documentElement?->childNodes ?? [] as $child) {
            if ($child->localName === $name) {
                return $child;
            }
        }
        return null;
    }

    private function nextSeq(): string
    {
        static $number = 0;
        return sprintf('%04d', ++$number);
    }
}

[, $url, $party, $folder, $peer] = $argv;
$version = ($argv[5] ?? '1.1') === '1.2' ? SOAP_1_2 : SOAP_1_1;
$secret = fn (string $name): string => trim(file_get_contents("$folder/$party-$name.txt"));
$open = fn (string $face): SignedClient => new SignedClient(
    "$url/soap/$face?wsdl", $version, $party, $peer, $secret('sig_secret'),
);

$common = $open('common');
$asked = ['OperatorID' => $party, 'OperatorSecret' => $secret('operator_secret')];
$common->token = $common->QueryToken(['TokenRequest' => $asked])->Token->AccessToken;
echo 'token of ', strlen($common->token), " characters\n";

$time = $common->QueryTime(['TimeQuery' => ['T1' => date(DATE_ATOM)]])->TimeAnswer;
echo 'the clock there says ', $time->T2, "\n";
$services = $common->QueryServices(['ServiceQuery' => []])->ServiceList->Operations->ServiceItem;
echo 'operations offered: ', count($services), "\n";

$dispatch = $open('dispatch');
$dispatch->token = $common->token;
try {
    $dispatch->QueryControl(['CommandQuery' => ['CommandID' => '没有这个指令']]);
} catch (SoapFault $fault) {
    $refusal = $fault->detail->Refusal;
    echo "refused with code $refusal->Ret: $refusal->Msg\n";
}
