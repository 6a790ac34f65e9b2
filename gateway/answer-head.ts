import { setsConsoleCookie } from './console-cookie.ts';
import { classifyField, FIELD, namedByConnection, removeFields } from './field-class.ts';

/** The head of a target's answer, cleaned for the client. */
export interface AnswerHead {
  readonly fields: string[];
  /** Content-Length; -1: not said. */
  readonly length: number;
}

/** Fields of an answer as an HTTP client gives them: bytes or strings, flat. */
export type RawFields = readonly (Buffer | string)[];

/** Takes the hop-by-hop fields and those named by `Connection` out of an answer's head, in one pass. X-Request-Id is ours to say. */
export function readAnswerHead(raw: RawFields, status: number): AnswerHead {
  const fields: string[] = [];
  let length = -1;
  let connection: string | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = textOf(raw[i]);
    switch (classifyField(name)) {
      case FIELD.drop:
      case FIELD.transferEncoding:
      case FIELD.upgrade:
      case FIELD.requestId:
        break;
      case FIELD.setCookie: {
        const value = textOf(raw[i + 1]);
        if (!setsConsoleCookie(value)) fields.push(name, value);
        break;
      }
      case FIELD.connection:
        connection = connection === undefined ? textOf(raw[i + 1]) : `${connection},${textOf(raw[i + 1])}`;
        break;
      case FIELD.contentLength: {
        const value = textOf(raw[i + 1]);
        length = /^\d{1,15}$/.test(value) ? Number(value) : -1;
        if (status !== 204) fields.push(name, value); // RFC 9110 §8.6: never in a 204
        break;
      }
      default:
        fields.push(name, textOf(raw[i + 1]));
    }
  }
  const named = connection === undefined ? undefined : namedByConnection(connection);
  if (named !== undefined) removeFields(fields, named);
  return { fields, length };
}

/** What `toString('latin1')` comes down to: two calls less for every field of every answer. */
type Sliceable = Buffer & { latin1Slice(): string };

function textOf(part: Buffer | string | undefined): string {
  return part === undefined ? '' : typeof part === 'string' ? part : (part as Sliceable).latin1Slice();
}
