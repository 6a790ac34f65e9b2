import type { HttpResponse, Message } from '#core/message';
import type { PolicyContext } from '#core/policy';
import type { TokenEndpointParts, TokenEndpointSettings } from '#core/token-issuer';
import type { IssuerServices } from '../issuer.ts';

/** What an end point is compiled with: the settings of the token end point project that it belongs to. */
export interface EndpointDeps {
  readonly settings: TokenEndpointSettings;
  readonly context: PolicyContext;
  readonly services: IssuerServices;
  readonly parts: TokenEndpointParts;
  /** The issuer: the group's public URL and the context path, never the Host field (decision 10). */
  readonly issuer: string;
}

/** One of the end points below an issuer. One file each; `table.ts` is the list. */
export interface EndpointType {
  /** Path below the context path, `/` for the token end point itself. */
  readonly path: string;
  readonly methods: readonly ('GET' | 'HEAD' | 'POST')[];
  /** False: it is not there with these settings (404). Left out: always there. */
  isOffered?(settings: TokenEndpointSettings): boolean;
  /** What it adds to the metadata (RFC 8414 §2). */
  metadata?(deps: EndpointDeps): Readonly<Record<string, unknown>>;
  compile(deps: EndpointDeps): (message: Message) => HttpResponse | Promise<HttpResponse>;
}
