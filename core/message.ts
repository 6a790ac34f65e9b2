import type { Facts } from './facts.ts';
import type { HeaderList } from './headers.ts';
import type { ChainStep, ChainStepEnd } from './policy-chain.ts';
import type { Whiteboard } from './whiteboard.ts';

/** The request, as the client sent it and as the target will see it. */
export interface MessageRequest {
  /** Upper-case token, e.g. `GET`. */
  readonly method: string;
  /** `http` or `https`, of the connection or, behind a trusted proxy, as forwarded. */
  readonly scheme: 'http' | 'https';
  /** Host field without port, lower case. */
  readonly host: string;
  /** The normalised path that was routed, context path included, e.g. `/orders/1`. These bytes are the ones forwarded. */
  readonly path: string;
  /** The path behind the project's context path, starting with `/`: what is appended to the target's URL. Policies may change it. */
  targetPath: string;
  /** The query without `?`, as sent; empty when there is none. Policies may change it (a token is cut out). */
  query: string;
  /** Header fields towards the target: hop-by-hop fields are gone already. Policies may change them. */
  readonly headers: HeaderList;
  /** Cookies of the authorization end point's own pages, as a `Cookie` value: they stand in no header field, so that none reaches a target (decision 11). */
  readonly ownCookies?: string | undefined;
  /** Path parameters of the resource's pattern, e.g. `{ id: '1' }`. */
  readonly pathParameters: Readonly<Record<string, string | undefined>>;
}

/** An answer: from the target (streamed) or made by a policy. */
export interface HttpResponse {
  status: number;
  readonly headers: HeaderList;
  /** undefined: no body, or the target's body that streams by. */
  body: string | Uint8Array | undefined;
}

/** One exchange, as policies see it. */
export interface Message {
  /** Our id, `req_` + 16 characters; answered as X-Request-Id. */
  readonly requestId: string;
  /** Epoch milliseconds at which the head was read. */
  readonly receivedAt: number;
  /** The client's address, after trusted proxies. */
  readonly remoteAddress: string;
  readonly request: MessageRequest;
  /** The answer; set in the response phases. */
  readonly response: HttpResponse | undefined;
  /** The client's certificate, of the connection or as a trusted proxy passed it on; undefined: it showed none. */
  readonly clientCertificate?: ClientCertificate | undefined;
  /** Typed attributes that policies leave for each other. */
  readonly whiteboard: Whiteboard;
  /**
   * The whole request body; read at most once, later calls get the same bytes.
   * @throws Refusal `body_too_large` beyond `limitBytes`, `body_timeout` when it does not come in time.
   */
  readBody(limitBytes: number): Promise<Buffer>;
  /** Replaces the body that goes to the target; Content-Length follows. Only after {@link readBody}. */
  replaceBody(body: Buffer): void;
  /** Adds facts to the trace entry of the policy that is running. */
  note(facts: Facts): void;
  /**
   * Begins a trace entry of its own for a policy of a chain, inside the policy that runs: notes go there until the returned function says how
   * it ended. Left out where nothing is traced.
   * @throws Refusal `policy_error` when chains run more policies than one exchange may
   */
  beginChainStep?(step: ChainStep): (end: ChainStepEnd) => void;
  /** Names who calls, for records, counts and lists. Called by the policy that found out. */
  identify(caller: CallerIdentity): void;
}

/** A certificate that a client showed in its TLS handshake (RFC 8705). */
export interface ClientCertificate {
  /** SHA-256 over the DER, base64url: `x5t#S256`. */
  readonly thumbprint: string;
  /** The DER of the certificate. */
  readonly der: Buffer;
  /** True when its chain ends at an authority that the listener believes. */
  readonly isTrusted: boolean;
}

/** Who made an exchange, as far as a policy found out. Ids, not names: names may change. */
export interface CallerIdentity {
  readonly clientId: string;
  readonly clientName: string;
  /** As people read it. */
  readonly clientDisplayName: string;
  readonly subscriptionId: string;
  readonly productId: string;
  readonly secretId: string | undefined;
  /** First 8 hex digits of the token's hash. */
  readonly tokenPrefix: string | undefined;
}
