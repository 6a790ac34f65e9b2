import { Refusal } from '#core/errors';
import type { Facts } from '#core/facts';
import { HeaderList } from '#core/headers';
import type { CallerIdentity, ClientCertificate, HttpResponse, Message } from '#core/message';
import { Whiteboard } from '#core/whiteboard';

/** A request as a test writes it. */
export interface TestRequest {
  readonly method?: string;
  readonly path?: string;
  /** The path behind the context path; default: the path. */
  readonly targetPath?: string;
  readonly query?: string;
  /** Pairs, so that a field may occur twice. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string | Uint8Array;
  readonly address?: string;
  readonly certificate?: ClientCertificate | undefined;
}

/** A message in memory, with what policies did to it. */
export interface TestMessage extends Message {
  response: HttpResponse | undefined;
  /** The body that would go to the target. */
  body: Buffer;
  readonly facts: Facts;
  readonly caller: CallerIdentity | undefined;
}

/** Makes a message that no connection stands behind: policies run on it as they do in the gateway. */
export function createMessage(request: TestRequest = {}): TestMessage {
  const path = request.path ?? '/';
  const state = { facts: {} as Facts, caller: undefined as CallerIdentity | undefined };
  return {
    requestId: 'req_0000000000000000',
    receivedAt: 0,
    remoteAddress: request.address ?? '192.0.2.1',
    request: {
      method: request.method ?? 'GET',
      scheme: 'http',
      host: 'api.example.com',
      path,
      targetPath: request.targetPath ?? path,
      query: request.query ?? '',
      headers: new HeaderList((request.headers ?? []).flat()),
      pathParameters: {},
    },
    response: undefined,
    clientCertificate: request.certificate,
    whiteboard: new Whiteboard(),
    body: Buffer.from(request.body ?? ''),
    async readBody(limitBytes) {
      if (this.body.length > limitBytes) throw new Refusal('body_too_large', { limitBytes, length: this.body.length });
      return this.body;
    },
    replaceBody(body) {
      this.body = body;
    },
    note(facts) {
      state.facts = { ...state.facts, ...facts };
    },
    identify(caller) {
      state.caller = caller;
    },
    get facts() {
      return state.facts;
    },
    get caller() {
      return state.caller;
    },
  };
}
