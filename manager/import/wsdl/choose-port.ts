import { wrongValue } from '../../http/validation.ts';
import type { WsdlReading } from './read.ts';

/** A port of a service. */
export interface ChosenPort {
  readonly service: string;
  readonly port: WsdlReading['services'][number]['ports'][number];
}

/** Names of a service and a port, as far as somebody said. */
export interface PortWish {
  readonly service?: string | undefined;
  readonly port?: string | undefined;
}

/** The port that a project passes calls to. @throws ProblemError at /service or /port */
export function choosePort({ services }: Pick<WsdlReading, 'services'>, wish: PortWish): ChosenPort {
  const names = services.map(({ name }) => name).join(', ');
  const service = wish.service === undefined ? services[0] : services.find(({ name }) => name === wish.service);
  if (wish.service === undefined && services.length > 1)
    throw wrongValue('/service', 'required', `The WSDL has several services: ${names.slice(0, 500)}. Choose one.`);
  if (service === undefined)
    throw wrongValue('/service', 'unknown_service', `The WSDL has no such service. It has: ${names.slice(0, 500)}.`);
  const port = wish.port === undefined ? service.ports[0] : service.ports.find(({ name }) => name === wish.port);
  if (port === undefined) {
    const ports = service.ports.map(({ name }) => name).join(', ');
    throw wrongValue(
      '/port',
      'unknown_port',
      `The service ${service.name} has no such port. It has: ${ports.slice(0, 500)}.`,
    );
  }
  return { service: service.name, port };
}
