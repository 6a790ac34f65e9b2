import type { ImportProblem, UnusedPart, WsdlPreview } from '#core/model/import';
import { importFormatOf } from '#core/model/import-format';
import { UnreadableError } from '../document/place.ts';
import { targetUrlOf } from '../openapi/servers.ts';
import { parseXml, type QualifiedName, type XmlElement } from './xml-tree.ts';

/** What a WSDL says, as far as it matters here. Plain data: it comes out of a thread. */
export interface WsdlReading extends Pick<WsdlPreview, 'title' | 'targetNamespace' | 'services'> {
  readonly description: string;
  readonly problems: readonly ImportProblem[];
  readonly unused: readonly UnusedPart[];
}

type Service = WsdlReading['services'][number];
type Port = Service['ports'][number];
type SoapVersion = Port['soap'];

const WSDL = 'http://schemas.xmlsoap.org/wsdl/';
const WSDL_2 = 'http://www.w3.org/ns/wsdl';
const SCHEMA = 'http://www.w3.org/2001/XMLSchema';
const SOAP: Readonly<Record<string, SoapVersion>> = {
  'http://schemas.xmlsoap.org/wsdl/soap/': '1.1',
  'http://schemas.xmlsoap.org/wsdl/soap12/': '1.2',
};
const POLICY = ['http://schemas.xmlsoap.org/ws/2004/09/policy', 'http://www.w3.org/ns/ws-policy'];
const HTTP_TRANSPORTS = ['http://schemas.xmlsoap.org/soap/http', 'http://www.w3.org/2003/05/soap/bindings/HTTP/'];
const MOST_OPERATIONS = 5000;

const NOTHING: WsdlReading = {
  ...{ title: '', targetNamespace: '', services: [], description: '', problems: [], unused: [] },
};

/** Reads a WSDL 1.1 document. @param fileName as people know it, for messages */
export function readWsdl(text: string, fileName: string): WsdlReading {
  try {
    checkFormat(text);
    return new Reader(parseXml(text), fileName).read();
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return { ...NOTHING, problems: [error.problem] };
  }
}

function checkFormat(text: string): void {
  const format = importFormatOf(text);
  if (format === 'archive')
    throw new UnreadableError('This is an archive (zip or the like). Unpack it, and import the WSDL in it.');
  if (format !== 'wsdl') throw new UnreadableError('This is no XML, so it is no WSDL.');
}

class Reader {
  readonly #root: XmlElement;
  readonly #fileName: string;
  readonly #namespace: string;
  readonly #problems: ImportProblem[] = [];
  readonly #unused = new Map<string, UnusedPart>();

  constructor(root: XmlElement, fileName: string) {
    this.#root = root;
    this.#fileName = fileName;
    this.#namespace = root.attribute('targetNamespace');
    if (root.uri === WSDL_2)
      throw new UnreadableError('This is WSDL 2.0. WSDL 1.1 can be imported.', root.place, root.way);
    if (root.uri !== WSDL || root.local !== 'definitions')
      throw new UnreadableError(
        `This is no WSDL 1.1: its root is ${root.local.slice(0, 100)}, not definitions of ${WSDL}.`,
        root.place,
        root.way,
      );
  }

  read(): WsdlReading {
    this.#noteUnused();
    const services = this.#of(this.#root, 'service').map((service): Service => this.#service(service));
    const usable = services.filter(({ ports }) => ports.length > 0);
    if (usable.length === 0 && this.#problems.length === 0) this.#problem(this.#root, this.#whyNoService());
    const names = [this.#root.attribute('name'), services[0]?.name ?? ''];
    return {
      title: (names.find((name) => name !== '') ?? '').slice(0, 200),
      targetNamespace: this.#namespace.slice(0, 500),
      description: (this.#of(this.#root, 'documentation')[0]?.text ?? '').trim().slice(0, 2000),
      services: usable,
      problems: this.#problems.slice(0, 100),
      unused: [...this.#unused.values()],
    };
  }

  #whyNoService(): string {
    const imported = this.#of(this.#root, 'import')[0];
    const hint =
      imported === undefined ? '' : ` ${this.#missing(imported, 'location')} Put what it holds into this file.`;
    return `The WSDL has no service with a SOAP port over HTTP.${hint}`;
  }

  #service(service: XmlElement): Service {
    const name = service.attribute('name').slice(0, 255);
    return { name, ports: this.#of(service, 'port').flatMap((port) => this.#port(port, name)) };
  }

  #port(port: XmlElement, service: string): Port[] {
    const name = port.attribute('name').slice(0, 255);
    const address = port.children.find(({ uri, local }) => local === 'address' && Object.hasOwn(SOAP, uri));
    const soap = address === undefined ? undefined : SOAP[address.uri];
    if (address === undefined || soap === undefined) {
      this.#skip('port', port, `The port ${name} has no SOAP address; only SOAP is passed through.`);
      return [];
    }
    const reference = port.resolve(port.attribute('binding'));
    const binding = reference === undefined ? undefined : this.#named('binding', reference);
    if (binding === undefined) {
      const imported = this.#of(this.#root, 'import')[0];
      const hint =
        imported === undefined ? '' : ` ${this.#missing(imported, 'location')} Put what it holds into this file.`;
      this.#problem(
        port,
        `The binding ${port.attribute('binding').slice(0, 200)} of the port ${service}.${name} is not there.${hint}`,
      );
      return [];
    }
    const style = binding.children.find(({ uri, local }) => local === 'binding' && SOAP[uri] === soap);
    const transport = style?.attribute('transport') ?? '';
    if (style === undefined || !HTTP_TRANSPORTS.includes(transport)) {
      this.#skip(
        'port',
        port,
        `The port ${name} is not SOAP over HTTP${transport === '' ? '' : ` but ${transport.slice(0, 200)}`}.`,
      );
      return [];
    }
    const location = address.attribute('location').trim().slice(0, 2048);
    const operations = this.#operations(binding, style.attribute('style'));
    return [{ name, soap, address: location, targetUrl: targetUrlOf(location), operations }];
  }

  #operations(binding: XmlElement, usual: string): Port['operations'] {
    const found = this.#of(binding, 'operation');
    if (found.length > MOST_OPERATIONS)
      this.#problem(binding, `A binding has more than ${MOST_OPERATIONS} operations.`);
    return found.slice(0, MOST_OPERATIONS).map((operation) => {
      const soap = operation.children.find(({ uri, local }) => local === 'operation' && Object.hasOwn(SOAP, uri));
      const style = (soap?.attribute('style') ?? '') || usual;
      return {
        name: operation.attribute('name').slice(0, 255),
        soapAction: (soap?.attribute('soapAction') ?? '').slice(0, 1000),
        style: style === 'rpc' ? 'rpc' : 'document',
      };
    });
  }

  #noteUnused(): void {
    for (const imported of this.#of(this.#root, 'import'))
      this.#skip(
        'import',
        imported,
        `${this.#missing(imported, 'location')} Nothing of it is needed to pass calls through.`,
      );
    for (const types of this.#of(this.#root, 'types')) {
      this.#skip('types', types, 'Bodies are not checked against their schemas.');
      for (const schema of types.children.filter(({ uri, local }) => uri === SCHEMA && local === 'schema'))
        for (const part of schema.children)
          if (
            part.uri === SCHEMA &&
            ['import', 'include', 'redefine'].includes(part.local) &&
            part.attribute('schemaLocation') !== ''
          )
            this.#skip(
              `xsd:${part.local}`,
              part,
              `${this.#missing(part, 'schemaLocation')} It is not needed: bodies are not checked against their schemas.`,
            );
    }
    this.#notePolicies(this.#root);
  }

  #notePolicies(element: XmlElement): void {
    for (const child of element.children) {
      if (POLICY.includes(child.uri))
        this.#skip('policies', child, 'WS-Policy is not applied; what it demands is checked by the target.');
      else this.#notePolicies(child);
    }
  }

  /** `orders.wsdl line 12 imports types.xsd, which is not in the upload.` */
  #missing(element: XmlElement, attribute: string): string {
    const location = element.attribute(attribute) || element.attribute('namespace');
    return `${this.#fileName} line ${element.place.line} imports ${location.slice(0, 300)}, which is not in the upload.`;
  }

  #named(local: string, name: QualifiedName): XmlElement | undefined {
    if (name.uri !== this.#namespace) return undefined;
    return this.#of(this.#root, local).find((element) => element.attribute('name') === name.local);
  }

  #of(parent: XmlElement, local: string): readonly XmlElement[] {
    return parent.children.filter((child) => child.uri === WSDL && child.local === local);
  }

  #problem(element: XmlElement, message: string): void {
    this.#problems.push({ ...element.place, pointer: pointerOf(element), message });
  }

  #skip(what: string, element: XmlElement, message: string): void {
    const known = this.#unused.get(what + message);
    const part = known ?? { what, places: 0, ...element.place, pointer: pointerOf(element), message };
    this.#unused.set(what + message, { ...part, places: part.places + 1 });
  }
}

function pointerOf({ way }: XmlElement): string {
  return `/${way.join('/')}`;
}
