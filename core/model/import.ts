import * as z from 'zod';
import { IMPORT_FORMATS, IMPORT_TEXT_LIMIT } from './import-format.ts';
import { descriptionSchema, displayNameSchema, nameSchema } from './name.ts';
import { contextPathSchema } from './project.ts';
import { METHODS } from './resource.ts';

const documentText = z
  .string()
  .min(1, 'The document is empty.')
  .max(IMPORT_TEXT_LIMIT, 'A document may have at most 10 MB.');

const ONE_ORIGIN = { error: 'Send either source (the text) or url.', path: ['source'] };

/** Where a document comes from: its text, or a URL that the manager fetches. Exactly one of the two. */
const origin = {
  source: documentText.optional().describe('The document itself: JSON or YAML for OpenAPI, XML for WSDL.'),
  url: z
    .string()
    .max(2048)
    .regex(/^https?:\/\/[^\s]+$/i, 'An http:// or https:// URL.')
    .optional()
    .describe('Where the manager fetches it. Redirects to another host are not followed.'),
  fileName: z.string().max(255).optional().describe('Name of the file, for messages.'),
};

/** Body of the previews of a new project. */
export const previewImport = z.strictObject(origin).refine(hasOneOrigin, ONE_ORIGIN);

/** What is wrong with a document, and where. */
export const importProblem = z.strictObject({
  line: z.int().describe('From 1; 0 when the document as a whole is meant.'),
  column: z.int().describe('From 1; 0 when the line is 0.'),
  pointer: z.string().describe('JSON pointer to the value; for XML the path of element names. Empty: the whole.'),
  message: z.string().describe('What is wrong and what would be right, e.g. paths./pets.get.responses is missing.'),
});
export type ImportProblem = z.infer<typeof importProblem>;

/** A part of a document that nothing is made of. Never silently dropped. */
export const unusedPart = z.strictObject({
  what: z.string().describe('Its name in the document, e.g. callbacks.'),
  places: z.int().describe('How often it stands there.'),
  line: z.int().describe('The first place.'),
  column: z.int(),
  pointer: z.string(),
  message: z.string().describe('Why it is not used, and what happens instead.'),
});
export type UnusedPart = z.infer<typeof unusedPart>;

/** Which operations become resources. */
export const IMPORT_CHOICES = ['all', 'tags', 'default'] as const;
const choose = z
  .enum(IMPORT_CHOICES)
  .describe('all: each operation. tags: those with one of `tags`. default: none, DefaultResource takes everything.');
const tags = z.array(z.string().min(1).max(200)).max(500).describe('For choose: tags.');

/** An operation as the resource that it becomes. */
export const importedResource = z.strictObject({
  key: z.string().describe('What it is recognised by when the document is imported again: GET /pets/{id}.'),
  name: nameSchema,
  displayName: displayNameSchema,
  path: z.string(),
  methods: z.array(z.enum(METHODS)),
  tags: z.array(z.string()),
  scopes: z.array(z.string()).describe('Scopes that its token must have.'),
  scopeMatch: z.enum(['any', 'all']),
  public: z.boolean().describe('True: the document says in words that it needs no token (security: []).'),
});
export type ImportedResource = z.infer<typeof importedResource>;

const readDocument = {
  format: z.enum(IMPORT_FORMATS).describe('What the document is, also when it is not what this call imports.'),
  sentence: z.string().describe('Read: 20 operations, 1 server, security: oauth2'),
  problems: z
    .array(importProblem)
    .describe('When there is one, nothing can be imported and the other lists may be short.'),
  unused: z.array(unusedPart),
  source: z
    .string()
    .optional()
    .describe('The text, when it was fetched from a URL: send it on, so that what was seen is imported.'),
};

/** What the wizard starts with. */
const suggestion = z.strictObject({
  displayName: z.string(),
  contextPath: z.string(),
  targetUrl: z.string().describe('Empty when the document names no usable server.'),
  secureWith: z.enum(['none', 'oauth']),
});

/** Answer of the preview of an OpenAPI document. */
export const openApiPreview = z.strictObject({
  ...readDocument,
  title: z.string(),
  version: z.string().describe("The document's own version (info.version)."),
  specification: z.string().describe('OpenAPI version, e.g. 3.1.0.'),
  operations: z.int(),
  servers: z.array(
    z.strictObject({
      url: z.string().describe('As it stands in the document, variables filled in.'),
      description: z.string(),
      targetUrl: z.string().describe('As a target; empty when it cannot be one (a relative URL).'),
    }),
  ),
  tags: z.array(z.strictObject({ name: z.string(), operations: z.int() })),
  security: z.array(
    z.strictObject({
      name: z.string(),
      type: z.string().describe('oauth2, openIdConnect, http bearer, http basic, apiKey, mutualTLS'),
      isUsed: z.boolean().describe('True: it becomes OAuth Verify Access Token.'),
      sentence: z.string(),
    }),
  ),
  resources: z.array(importedResource).describe('What each operation becomes, without DefaultResource.'),
  suggested: suggestion,
});
export type OpenApiPreview = z.infer<typeof openApiPreview>;

const newProject = {
  ...origin,
  name: nameSchema.optional(),
  displayName: displayNameSchema,
  contextPath: contextPathSchema,
  description: descriptionSchema.optional().describe('Left out: what the document says of itself.'),
  targetUrl: z
    .string()
    .max(2048)
    .optional()
    .describe('URL of the target; left out: the first server (or the address of the port) of the document.'),
  secureWith: z.enum(['none', 'oauth']).optional().describe('Secure API with; left out: as the document says.'),
  tokenIn: z
    .array(z.enum(['header', 'query', 'body']))
    .min(1)
    .optional()
    .describe('Access token location, with secureWith oauth; default header.'),
};

/** Body of an import of an OpenAPI document as a new project. */
export const importOpenApi = z
  .strictObject({ ...newProject, choose: choose.default('all'), tags: tags.default([]) })
  .refine(hasOneOrigin, ONE_ORIGIN);
export type ImportOpenApi = z.infer<typeof importOpenApi>;

/** Answer of the preview of a WSDL. */
export const wsdlPreview = z.strictObject({
  ...readDocument,
  title: z.string().describe('Name of the definitions, or of the first service.'),
  targetNamespace: z.string(),
  services: z.array(
    z.strictObject({
      name: z.string(),
      ports: z.array(
        z.strictObject({
          name: z.string(),
          soap: z.enum(['1.1', '1.2']),
          address: z.string(),
          targetUrl: z.string().describe('The address as a target; empty when it cannot be one.'),
          operations: z.array(
            z.strictObject({ name: z.string(), soapAction: z.string(), style: z.enum(['document', 'rpc']) }),
          ),
        }),
      ),
    }),
  ),
  suggested: suggestion,
});
export type WsdlPreview = z.infer<typeof wsdlPreview>;

/** Body of an import of a WSDL as a new project. */
export const importWsdl = z
  .strictObject({
    ...newProject,
    service: z.string().max(255).optional().describe('Name of the service; needed when there are several.'),
    port: z.string().max(255).optional().describe('Name of the port; left out: the first one with SOAP over HTTP.'),
    scopes: z.array(z.string()).max(100).optional().describe('Scopes that secureWith oauth demands; default none.'),
  })
  .refine(hasOneOrigin, ONE_ORIGIN);
export type ImportWsdl = z.infer<typeof importWsdl>;

/** Body of the preview of an import into a project that is there. */
export const previewImportInto = z
  .strictObject({
    ...origin,
    choose: choose.optional().describe('Left out: as at the import before.'),
    tags: tags.optional(),
  })
  .refine(hasOneOrigin, ONE_ORIGIN);
export type PreviewImportInto = z.infer<typeof previewImportInto>;

/** What happens to a resource whose operation is gone. */
export const REMOVED_CHOICES = ['keep', 'remove'] as const;

/** Body of an import into a project that is there. The result is its draft; deploy it separately. */
export const importInto = z
  .strictObject({
    ...origin,
    choose: choose.optional(),
    tags: tags.optional(),
    removed: z
      .record(nameSchema, z.enum(REMOVED_CHOICES))
      .default({})
      .describe('By name of the resource. Needed for each removed one that has policies.'),
  })
  .refine(hasOneOrigin, ONE_ORIGIN);
export type ImportInto = z.infer<typeof importInto>;

const touched = {
  name: z.string().describe('Name of the resource; for WSDL of the operation, or of the target.'),
  displayName: z.string(),
  path: z.string(),
  methods: z.array(z.string()),
};

/** What a document changes in a project. */
export const importDiff = z.strictObject({
  ...readDocument,
  sentence: z.string().describe('2 added, 1 removed, 1 changed, 17 kept'),
  added: z.array(z.strictObject(touched)),
  removed: z.array(
    z.strictObject({
      ...touched,
      policies: z.array(z.string()).describe('Display names of the policies attached to it, but for the securing one.'),
      needsChoice: z.boolean().describe('True: it has policies; `removed` must say keep or remove.'),
    }),
  ),
  changed: z.array(
    z.strictObject({ ...touched, sentences: z.array(z.string()).describe('What changes, a sentence each.') }),
  ),
  kept: z.int().describe('How many stay as they are, with their policies.'),
  isApplied: z.boolean().describe('False for a preview, and when there was nothing to change.'),
});
export type ImportDiff = z.infer<typeof importDiff>;

/** Where a project was imported from. */
export const projectOrigin = z.strictObject({
  format: z.enum(IMPORT_FORMATS),
  title: z.string(),
  version: z.string(),
  url: z.string().optional(),
  fileName: z.string().optional(),
  choose: z.enum(IMPORT_CHOICES),
  tags: z.array(z.string()),
  importedAt: z.number(),
  importedBy: z.string(),
  text: z.string().optional().describe('The document; kept for WSDL.'),
});
export type ProjectOrigin = z.infer<typeof projectOrigin>;

function hasOneOrigin(body: { readonly source?: string | undefined; readonly url?: string | undefined }): boolean {
  return (body.source === undefined) !== (body.url === undefined);
}
