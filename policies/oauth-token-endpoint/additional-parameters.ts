import * as z from 'zod';
import {
  findWhiteboardNames,
  hasOnlyWhiteboardSelectors,
  WHITEBOARD_SELECTOR_MESSAGE,
} from '#core/whiteboard-selector';

/** What stands in a token request and proves something: it must not be kept with the token, where policies and introspection show it. */
const SECRET_NAMES: ReadonlySet<string> = new Set(
  [
    'header.authorization',
    'header.cookie',
    ...['form', 'query'].flatMap((place) =>
      [
        ...['client_secret', 'client_assertion', 'password', 'code', 'code_verifier', 'refresh_token', 'assertion'],
        ...['device_code', 'subject_token', 'actor_token', 'access_token'],
      ].map((name) => `${place}.${name}`),
    ),
  ].map((name) => `request.${name}`),
);

/** What is wrong with a selector for a secret. */
export const KEPT_SECRET_MESSAGE = 'This part of the request is a credential: it is not kept with tokens.';

/** True when a value takes in the consumer secret under the name that the policy gives it. */
export function keepsSecret(rows: readonly { readonly value: string }[], secretParameter: string): boolean {
  const secrets = [`request.form.${secretParameter}`, `request.query.${secretParameter}`];
  return rows.some(({ value }) => findWhiteboardNames(value).some((name) => secrets.includes(name)));
}

/** Rows of name and value that are stored with each token (seed 002); values may hold selectors. */
export const additionalParameters = z
  .array(
    z.strictObject({
      name: z
        .string()
        .min(1)
        .max(64)
        .regex(/^[A-Za-z0-9._-]+$/, 'Letters, digits and . _ - only.')
        .meta({ title: 'Name', description: 'Name of the parameter, e.g. Department.' }),
      value: z
        .string()
        .max(1024)
        .refine(hasOnlyWhiteboardSelectors, WHITEBOARD_SELECTOR_MESSAGE)
        .refine(
          (text) => findWhiteboardNames(text).every((name) => !SECRET_NAMES.has(name.toLowerCase())),
          KEPT_SECRET_MESSAGE,
        )
        .meta({
          title: 'Value',
          description: 'Its value, e.g. Engineering, or a selector such as $' + '{oauth.client.details.name}.',
        }),
    }),
  )
  .max(20)
  .refine((rows) => new Set(rows.map(({ name }) => name)).size === rows.length, 'Each name once.')
  .default([]);
