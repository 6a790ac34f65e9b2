import type { HeaderList } from '#core/headers';

/** Version of SOAP that a caller speaks. */
export type SoapVersion = '1.1' | '1.2';

/** What a fault says: the same as a problem document would. */
export interface FaultContent {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  /** Only with *Error detail: Verbose*. */
  readonly detail: string | undefined;
  readonly requestId: string;
}

/** A fault, ready to be sent. The HTTP status stays that of the reason (decision record 0010). */
export interface Fault {
  readonly contentType: string;
  readonly body: string;
}

const NAMESPACES: Readonly<Record<SoapVersion, string>> = {
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
};
/** Of the elements in a fault's detail. */
const REFUSAL = 'urn:gatewright:refusal';

/**
 * The SOAP version of whoever sent a request; undefined when it does not speak SOAP. SOAP 1.2 has a media type of its own (RFC 3902), 1.1 is
 * text/xml together with SOAPAction (SOAP 1.1 §6.1); a message with attachments names the type of its root part (XOP, SwA).
 * @param isSoapProject the project passes SOAP through: then every caller gets a fault
 */
export function soapVersionOf(headers: HeaderList, isSoapProject: boolean): SoapVersion | undefined {
  const contentType = headers.get('content-type')?.toLowerCase();
  if (contentType !== undefined) {
    const type = contentType.split(';', 1)[0]?.trim();
    if (type === 'application/soap+xml') return '1.2';
    if (type === 'multipart/related' && contentType.includes('application/soap+xml')) return '1.2';
    if (type === 'text/xml' && headers.has('soapaction')) return '1.1';
  }
  return isSoapProject ? '1.1' : undefined;
}

/** A refusal as a fault (SOAP 1.1 §4.4, SOAP 1.2 part 1 §5.4). */
export function renderFault(version: SoapVersion, content: FaultContent): Fault {
  const namespace = NAMESPACES[version];
  const parts = version === '1.1' ? fault11(content) : fault12(content);
  return {
    contentType: version === '1.1' ? 'text/xml; charset=utf-8' : 'application/soap+xml; charset=utf-8',
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope xmlns:s="${namespace}" xmlns:g="${REFUSAL}"><s:Body><s:Fault>${parts}</s:Fault></s:Body></s:Envelope>`,
  };
}

function fault11(content: FaultContent): string {
  const side = content.status >= 500 ? 'Server' : 'Client';
  return `<faultcode>s:${side}</faultcode><faultstring>${escaped(content.title)}</faultstring><detail>${detail(content)}</detail>`;
}

function fault12(content: FaultContent): string {
  const side = content.status >= 500 ? 'Receiver' : 'Sender';
  return `<s:Code><s:Value>s:${side}</s:Value><s:Subcode><s:Value>g:${content.code}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">${escaped(content.title)}</s:Text></s:Reason><s:Detail>${detail(content)}</s:Detail>`;
}

function detail({ code, requestId, detail: text }: FaultContent): string {
  const more = text === undefined ? '' : `<g:detail>${escaped(text)}</g:detail>`;
  return `<g:refusal><g:code>${escaped(code)}</g:code><g:requestId>${escaped(requestId)}</g:requestId>${more}</g:refusal>`;
}

/** Text for an element: what XML cannot carry at all becomes a space (XML 1.0 §2.2). */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
