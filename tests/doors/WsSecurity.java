// Signs a SOAP request and verifies a SOAP answer by Apache WSS4J 1.6, as a Java stack does.
//
//   WsSecurity sign   own.p12 password                   < request > signed request
//   WsSecurity sign   own.p12 password SIGNATURE-VALUE   < answer  > signed answer, which confirms it
//   WsSecurity verify peer.pem SIGNATURE-VALUE           < answer  > what was signed

import java.io.FileInputStream;
import java.io.StringWriter;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.apache.ws.security.WSConstants;
import org.apache.ws.security.WSDataRef;
import org.apache.ws.security.WSEncryptionPart;
import org.apache.ws.security.WSSecurityEngine;
import org.apache.ws.security.WSSecurityEngineResult;
import org.apache.ws.security.components.crypto.Merlin;
import org.apache.ws.security.message.WSSecHeader;
import org.apache.ws.security.message.WSSecSignature;
import org.apache.ws.security.message.WSSecSignatureConfirmation;
import org.apache.ws.security.message.WSSecTimestamp;
import org.apache.ws.security.message.token.SignatureConfirmation;
import org.w3c.dom.Document;

public class WsSecurity {
    public static void main(String[] args) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        Document message = factory.newDocumentBuilder().parse(System.in);
        if (args[0].equals("sign")) {
            sign(message, args[1], args[2], args.length > 3 ? args[3] : null);
        } else {
            verify(message, args[1], args[2]);
        }
    }

    private static void sign(Document message, String file, String password, String confirms)
            throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new FileInputStream(file), password.toCharArray());
        Merlin crypto = new Merlin();
        crypto.setKeyStore(store);
        WSSecHeader header = new WSSecHeader();
        header.setMustUnderstand(true);
        header.insertSecurityHeader(message);
        new WSSecTimestamp().build(message, header);
        WSSecSignature signature = new WSSecSignature();
        signature.setUserInfo(store.aliases().nextElement(), password);
        signature.setKeyIdentifierType(WSConstants.BST_DIRECT_REFERENCE);
        signature.setSignatureAlgorithm("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256");
        signature.setDigestAlgo("http://www.w3.org/2001/04/xmlenc#sha256");
        String soap = message.getDocumentElement().getNamespaceURI();
        List<WSEncryptionPart> parts = new ArrayList<>();
        parts.add(new WSEncryptionPart("Body", soap, "Content"));
        parts.add(new WSEncryptionPart("MessageHeader", "urn:vgigw:v1", "Content"));
        parts.add(new WSEncryptionPart("Timestamp", WSConstants.WSU_NS, "Content"));
        if (confirms != null) {
            WSSecSignatureConfirmation confirmation = new WSSecSignatureConfirmation();
            confirmation.build(message, Base64.getDecoder().decode(confirms), header);
            parts.add(new WSEncryptionPart("SignatureConfirmation", WSConstants.WSSE11_NS, "Content"));
        }
        signature.setParts(parts);
        signature.build(message, crypto, header);
        StringWriter text = new StringWriter();
        javax.xml.transform.Transformer writer = TransformerFactory.newInstance().newTransformer();
        writer.setOutputProperty("omit-xml-declaration", "yes");
        writer.transform(new DOMSource(message), new StreamResult(text));
        System.out.print(text);
    }

    private static void verify(Document message, String file, String sent) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        CertificateFactory reader = CertificateFactory.getInstance("X.509");
        store.setCertificateEntry("peer", reader.generateCertificate(new FileInputStream(file)));
        Merlin crypto = new Merlin();
        crypto.setKeyStore(store);
        TreeSet<String> covered = new TreeSet<>();
        for (WSSecurityEngineResult each :
                new WSSecurityEngine().processSecurityHeader(message, null, null, crypto)) {
            int action = (Integer) each.get(WSSecurityEngineResult.TAG_ACTION);
            if (action == WSConstants.SIGN) {
                for (Object one : (List<?>) each.get(WSSecurityEngineResult.TAG_DATA_REF_URIS)) {
                    covered.add(((WSDataRef) one).getName().getLocalPart());
                }
            } else if (action == WSConstants.SC) {
                SignatureConfirmation confirmed =
                        (SignatureConfirmation)
                                each.get(WSSecurityEngineResult.TAG_SIGNATURE_CONFIRMATION);
                String value = Base64.getEncoder().encodeToString(confirmed.getSignatureValue());
                System.out.println("confirms " + (value.equals(sent) ? "this" : "another"));
            }
        }
        System.out.println("signed " + String.join(" ", covered));
    }
}
