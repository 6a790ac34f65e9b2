import type { WsdlPreview } from '#core/model/import';
import { importFormatOf } from '#core/model/import-format';
import type { SourceText } from '../document/fetch-document.ts';
import { displayNameOf } from '../document/names.ts';
import { isUnread, type UnreadReading } from '../document/reader.ts';
import { contextPathOf, count } from '../openapi/preview.ts';
import type { WsdlReading } from './read.ts';

const NOTHING: WsdlReading = {
  ...{ title: '', targetNamespace: '', services: [], description: '', problems: [], unused: [] },
};

/** A WSDL as the wizard shows it. */
export function shownWsdl(reading: WsdlReading | UnreadReading, { text, url }: SourceText): WsdlPreview {
  const read = isUnread(reading) ? { ...NOTHING, problems: reading.problems } : reading;
  const { title, targetNamespace, services, problems, unused } = read;
  return {
    format: importFormatOf(text),
    sentence: wsdlSentence(read),
    problems: [...problems],
    unused: [...unused],
    ...(url === undefined ? {} : { source: text }),
    ...{ title, targetNamespace, services },
    suggested: {
      displayName: displayNameOf(title),
      contextPath: contextPathOf(title),
      targetUrl: services[0]?.ports[0]?.targetUrl ?? '',
      secureWith: 'none',
    },
  };
}

/** `Read: 1 service, 2 ports, 7 operations` */
function wsdlSentence({ services, problems }: WsdlReading): string {
  if (problems.length > 0) return `${count(problems.length, 'problem')}. Nothing can be imported yet.`;
  const ports = services.flatMap((service) => service.ports);
  const operations = new Set(ports.flatMap((port) => port.operations.map(({ name }) => name)));
  return `Read: ${count(services.length, 'service')}, ${count(ports.length, 'port')}, ${count(operations.size, 'operation')}`;
}
