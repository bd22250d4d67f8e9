// Validates files by Xerces: java Validate.java SCHEMA FILE...; prints "valid" or "refused" and the name.

import java.io.File;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.xml.sax.SAXException;

public final class Validate {
    public static void main(String[] arguments) throws Exception {
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        Schema schema = factory.newSchema(new File(arguments[0]));
        for (int at = 1; at < arguments.length; at++) {
            File file = new File(arguments[at]);
            String verdict = "valid";
            try {
                schema.newValidator().validate(new StreamSource(file));
            } catch (SAXException refused) {
                verdict = "refused";
            }
            System.out.println(verdict + " " + file.getName());
        }
    }
}
