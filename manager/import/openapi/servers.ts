import { targetUrlSchema } from '#core/model/target';
import { type Fields, fieldsOf, type OpenApiReading, textOf } from './reading.ts';

/**
 * The servers of a document, variables filled in with their defaults. A relative URL is one of the host that the document came from
 * (OpenAPI 3.1 §4.8.5); of a file it is none.
 */
export function readServers(top: Fields, documentUrl: string | undefined): OpenApiReading['servers'] {
  const given = Array.isArray(top.servers) ? top.servers.slice(0, 100) : [];
  const servers = given.length > 0 ? given : documentUrl === undefined ? [] : [{ url: '/' }];
  return servers.flatMap((server: unknown) => {
    const fields = fieldsOf(server);
    const template = textOf(fields?.url);
    if (fields === undefined || template === '') return [];
    const url = withVariables(template, fieldsOf(fields.variables) ?? {}).slice(0, 2048);
    return [{ url, description: textOf(fields.description).slice(0, 500), targetUrl: targetUrlOf(url, documentUrl) }];
  });
}

/** A URL as one of a target: without a slash at its end; empty when it cannot be one. */
export function targetUrlOf(text: string, base?: string): string {
  if (text.includes('{') || !URL.canParse(text, base)) return '';
  const url = new URL(text, base).href.replace(/\/+$/, '');
  return targetUrlSchema.safeParse(url).success && url !== 'echo:' ? url : '';
}

function withVariables(template: string, variables: Fields): string {
  return template.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(variables, name) ? fieldsOf(variables[name])?.default : undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : whole;
  });
}
