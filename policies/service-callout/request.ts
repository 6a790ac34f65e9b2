import { ConfigurationError, Refusal } from '#core/errors';
import type { Message } from '#core/message';
import { compileText, compileValue } from '#core/whiteboard-selector';
import { compileFields } from '../message-fields.ts';
import type { Config } from './schema.ts';

/** A call that is ready to be sent. */
export interface CalloutRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Makes the function that fills in a call. @throws ConfigurationError for an address or a body that cannot work */
export function compileRequest(config: Config): (message: Message) => Promise<CalloutRequest> {
  const urlOf = compileUrl(config.url);
  const fieldsOf = compileFields(config.headers);
  const bodyOf = compileBody(config);
  return async (message) => {
    const { contentType, text } = await bodyOf(message);
    const fields = await fieldsOf(message);
    const headers: Record<string, string> = contentType === undefined ? {} : { 'Content-Type': contentType };
    for (let i = 0; i < fields.length; i += 2) headers[fields[i] ?? ''] = fields[i + 1] ?? '';
    return { url: await urlOf(message), headers, body: text };
  };
}

/** Scheme and host are settled here, path and query are filled in with encoded values: no request can lead the call elsewhere. */
function compileUrl(url: string): (message: Message) => Promise<string> {
  const [, origin = '', rest = ''] = /^(https?:\/\/[^/?#]+)(.*)$/s.exec(url) ?? [];
  const parsed = !origin.includes('${') && URL.canParse(origin) ? new URL(origin) : undefined;
  if (parsed === undefined || origin.includes('@'))
    throw new ConfigurationError('The URL has no valid scheme and host.', '/url');
  const at = rest.indexOf('?');
  const pathOf = compileText(at === -1 ? rest : rest.slice(0, at), { escape: escapeSegment });
  const queryOf = compileText(at === -1 ? '' : rest.slice(at), { escape: encode });
  return async (message) => `${parsed.origin}${await pathOf(message)}${await queryOf(message)}`;
}

/** Nothing, `.` and `..` would make another path of it. */
function escapeSegment(value: string): string {
  if (/^\.*$/.test(value))
    throw new Refusal('selector_value', {
      place: "the path of the service's address",
      detail: value === '' ? 'there is no value' : 'dots alone mean another path',
    });
  return encode(value);
}

function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

interface CalloutBody {
  readonly contentType: string | undefined;
  readonly text: string | undefined;
}

function compileBody({ bodyType, body, form }: Config): (message: Message) => CalloutBody | Promise<CalloutBody> {
  switch (bodyType) {
    case 'none':
      return () => ({ contentType: undefined, text: undefined });
    case 'text': {
      const textOf = compileText(body);
      return async (message) => ({ contentType: 'text/plain; charset=utf-8', text: await textOf(message) });
    }
    case 'json': {
      const find = compileValue(parseJson(body));
      return async (message) => ({
        contentType: 'application/json',
        text: JSON.stringify((await find(message)) ?? null, (_, value) => (value instanceof Set ? [...value] : value)),
      });
    }
    case 'form': {
      const rows = form.map(({ name, value }) => ({ name, textOf: compileText(value) }));
      return async (message) => {
        const parameters = new URLSearchParams();
        for (const { name, textOf } of rows) parameters.append(name, await textOf(message));
        return { contentType: 'application/x-www-form-urlencoded', text: parameters.toString() };
      };
    }
  }
}

function parseJson(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigurationError('The content is not valid JSON.', '/body');
  }
}
