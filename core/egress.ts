/** Why a call to the outside did not happen or gave nothing. */
export type EgressReason =
  | 'url_invalid'
  | 'name_not_found'
  | 'destination_not_allowed'
  | 'redirect_not_allowed'
  | 'connection_refused'
  | 'connection_failed'
  | 'tls_failed'
  | 'timed_out'
  | 'answer_too_large'
  | 'answer_unreadable';

/** A call to the outside failed. The message is a sentence that may be shown to whoever asked for the call; it holds no credentials. */
export class EgressError extends Error {
  override readonly name = 'EgressError';
  readonly reason: EgressReason;

  constructor(reason: EgressReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** One call to the outside. */
export interface EgressRequest {
  /** Default GET. Only GET and HEAD follow redirects. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Most bytes of the answer's body, after decompression. */
  readonly limitBytes: number;
  /** Longest wait for the whole answer: names, connections and redirects too. */
  readonly timeoutMs: number;
  /** What it is for, in a word or two, for the log: `import`, `audit checkpoint`. */
  readonly purpose: string;
}

/** What came back, whatever its status. */
export interface EgressAnswer {
  readonly status: number;
  /** By lower-case name; several fields of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  readonly body: Buffer;
  /** Where the answer came from, after redirects. */
  readonly finalUrl: string;
}

/** An address that may be connected to. */
export interface EgressAddress {
  readonly address: string;
  readonly family: number;
}

/**
 * The one way out of the product that is not a deployed target (decision 25): imports, identity providers, webhooks. Names are resolved once
 * and the connection goes to the address that was checked; loopback, link-local, metadata and the product's own ports are refused unless the
 * settings allow them by name; redirects stay on the host; size and time are bounded.
 */
export interface Egress {
  /** @throws EgressError */
  fetch(url: string, request: EgressRequest): Promise<EgressAnswer>;
  /**
   * The addresses of a host, every one of them allowed on that port, for what does not speak HTTP (LDAP). The connection goes to one of them.
   * @param host name or address, without brackets
   * @throws EgressError `name_not_found`, `destination_not_allowed`
   */
  resolve(host: string, port: number): Promise<readonly EgressAddress[]>;
}
