import * as z from 'zod';
import { endpoints, noEndpoints } from './endpoint.ts';
import { displayNameSchema, nameSchema } from './name.ts';
import { recordFields } from './record.ts';

/** Name and display name of the resource that every project has. */
export const DEFAULT_RESOURCE = { name: 'default-resource', displayName: 'DefaultResource' } as const;

/** Methods that a resource may list; an empty list means every method. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

const segment = String.raw`(?:[A-Za-z0-9._~!$&'()+,=:@-]+|\{[A-Za-z][A-Za-z0-9_]*\})`;

/** `/orders/{id}`, `/files/*`: literal segments, `{name}` for one segment, `*` only as last segment. */
export const pathPatternSchema = z
  .string()
  .max(512, 'At most 512 characters.')
  .regex(/^\//, 'Start with /.')
  .regex(
    new RegExp(`^(?:/|(?:/${segment})+|(?:/${segment})*/\\*)$`),
    'Segments like orders or {id}, and * only at the end.',
  )
  .refine((path) => !/(?:^|\/)\.{1,2}(?:\/|$)/.test(path), 'Without . and .. segments.')
  .describe('Path pattern behind the context path, e.g. /orders/{id} or /files/*.');

const fields = {
  displayName: displayNameSchema,
  path: pathPatternSchema,
  methods: z.array(z.enum(METHODS)).max(METHODS.length).describe('Methods it takes; empty: all. HEAD follows GET.'),
  public: z
    .boolean()
    .describe('On: may be called without the token that Secure API with demands. Said in the audit trail.'),
  target: nameSchema.describe('The target that answers.'),
  endpoints: endpoints.describe('Policies attached to this resource.'),
};

/** Body of a create. */
export const createResource = z.strictObject({
  name: nameSchema.optional(),
  displayName: fields.displayName,
  path: fields.path,
  methods: fields.methods.default([]),
  public: fields.public.default(false),
  target: fields.target.optional(),
  endpoints: fields.endpoints.default(noEndpoints()),
});

/** Body of a patch. */
export const patchResource = z.strictObject(fields).partial();

/** A resource of a project's draft. DefaultResource takes what no other resource takes. */
export const resource = z.strictObject({
  ...recordFields,
  name: nameSchema,
  projectId: z.string(),
  ...fields,
  target: fields.target.optional(),
});
export type Resource = z.infer<typeof resource>;
