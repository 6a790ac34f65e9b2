import { Readable } from 'node:stream';
import * as z from 'zod';
import type { Permission } from '#core/model/role';
import type { Principal } from './access/principal.ts';
import type { ManagerContext } from './context.ts';
import type { Actor } from './unit-of-work.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What an `If-Match` header says: a revision, or `*` for whichever. */
export type IfMatch = number | '*';

/** One call of an operation: everything checked. */
export interface Call<Params, Query, Body> {
  readonly context: ManagerContext;
  readonly actor: Actor;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** `*` when the operation demands no If-Match. */
  readonly ifMatch: IfMatch;
  /** Address of the caller; empty on the socket. */
  readonly address: string;
  /** Who calls; undefined on open operations, and in tests that call handlers by themselves. */
  readonly principal?: Principal | undefined;
  /** The request's cookies and user agent, for what begins or ends sessions. */
  readonly browser?: Browser | undefined;
  /** Aborted when the caller goes away; for streams. */
  readonly signal: AbortSignal;
}

/** What only operations about sessions look at. */
export interface Browser {
  readonly userAgent: string;
  /** The secret in the session's cookie, whatever it is worth. */
  readonly sessionSecret: string | undefined;
  /** What came back in the cookie of a sign-in through a provider. */
  readonly transaction: string | undefined;
}

/** What an operation answers. */
export interface Answer<Body> {
  readonly body: Body;
  /** Left out: the operation's `status`. */
  readonly status?: number;
  /** Becomes the ETag. */
  readonly revision?: number;
  readonly location?: string;
  /** Left out: the operation's `media`; for streams in several forms. */
  readonly media?: string;
  /** Name of the file under which a browser saves the answer. */
  readonly fileName?: string;
  /** `Set-Cookie` fields. */
  readonly cookies?: readonly string[];
  /** Where the browser is sent on to (303), for navigations; then there is no body. */
  readonly redirect?: string;
}

/** An operation of the management API, as data: its route, its documentation and its checks are made from this. */
export interface OperationSpec<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Response extends z.ZodType,
> {
  /** Stable id, e.g. `projects.create`: operationId in OpenAPI, `operation` in the audit trail. */
  readonly id: string;
  readonly method: Method;
  /** Path with `:name` parameters, behind `/api/v1`. */
  readonly path: string;
  readonly permission: Permission;
  /** One sentence in the imperative. */
  readonly summary: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** The answer's body; left out: none (204). */
  readonly response?: Response;
  /** Status when it went well; default 200, 201 for creates is said here. */
  readonly status?: number;
  /** True: `If-Match` is demanded. */
  readonly ifMatch?: boolean;
  /** Media type of the answer, for streams (then `response` is {@link streamed}); default JSON. */
  readonly media?: string;
  /** Largest body in bytes; left out: 1 MiB. */
  readonly bodyLimitBytes?: number;
  handler(
    call: Call<z.output<Params>, z.output<Query>, z.output<Body>>,
  ): Promise<Answer<z.input<Response>>> | Answer<z.input<Response>>;
}

/** An operation whose types are forgotten, for lists of them. */
export interface Operation {
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly permission: Permission;
  readonly summary: string;
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  readonly body: z.ZodType | undefined;
  readonly response: z.ZodType | undefined;
  readonly status: number;
  readonly ifMatch: boolean;
  readonly media: string;
  /** Undefined: the listener's own limit. */
  readonly bodyLimitBytes: number | undefined;
  handler(call: Call<unknown, unknown, unknown>): Promise<Answer<unknown>>;
}

/** No parameters at all: any that is sent is an unknown field. */
const nothing = z.strictObject({});

/** The response schema of an operation that streams. */
export const streamed = z.custom<Readable>((value) => value instanceof Readable);

/** Path parameters: each a name or an id. */
export function pathParams<Name extends string>(
  ...names: readonly Name[]
): z.ZodObject<Record<Name, z.ZodString>, z.core.$strict> {
  const reference = z.string().min(1).max(128).describe('Name or id.');
  return z.strictObject(Object.fromEntries(names.map((name) => [name, reference])) as Record<Name, z.ZodString>);
}

/** Makes an operation of its specification, filling in what is left out. */
export function operation<
  Params extends z.ZodType = typeof nothing,
  Query extends z.ZodType = typeof nothing,
  Body extends z.ZodType = z.ZodUndefined,
  Response extends z.ZodType = z.ZodUndefined,
>(spec: OperationSpec<Params, Query, Body, Response>): Operation {
  return {
    id: spec.id,
    method: spec.method,
    path: spec.path,
    permission: spec.permission,
    summary: spec.summary,
    params: spec.params ?? nothing,
    query: spec.query ?? nothing,
    body: spec.body,
    response: spec.response,
    status: spec.status ?? (spec.response === undefined ? 204 : 200),
    ifMatch: spec.ifMatch ?? false,
    media: spec.media ?? 'application/json',
    bodyLimitBytes: spec.bodyLimitBytes,
    // The one place where the types are forgotten: http/route.ts parses with this operation's own schemas before it calls.
    handler: async (call) => spec.handler(call as Call<z.output<Params>, z.output<Query>, z.output<Body>>),
  };
}
