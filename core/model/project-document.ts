import * as z from 'zod';
import { PROJECT_DOCUMENT_MARK } from './import-format.ts';
import { displayNameSchema, nameSchema } from './name.ts';
import { createPolicy } from './policy.ts';
import { createPolicyChain } from './policy-chain.ts';
import { contextPathSchema, createProject } from './project.ts';
import { createResource } from './resource.ts';
import { createTarget } from './target.ts';

/** A whole project as one JSON document: what `GET /projects/:project/export` answers. It holds no secret, no id and no date. */
export const projectDocument = z.strictObject({
  [PROJECT_DOCUMENT_MARK]: z.literal(1).describe('Format of this document.'),
  project: createProject
    .omit({ accessTokenExpiryMs: true, targetUrl: true, tokenIn: true, scopes: true })
    .extend({ name: nameSchema, securePolicy: nameSchema.optional() }),
  targets: z.array(createTarget.extend({ name: nameSchema })).max(200),
  policies: z.array(createPolicy.extend({ name: nameSchema, displayName: displayNameSchema })).max(5000),
  resources: z.array(createResource.extend({ name: nameSchema })).max(10_000),
  policyChains: z
    .array(createPolicyChain.extend({ name: nameSchema }))
    .max(1000)
    .optional(),
  definition: z
    .strictObject({ format: z.literal('wsdl'), text: z.string().max(10 * 1024 * 1024) })
    .optional()
    .describe('The WSDL that is kept with a project of kind wsdl.'),
});
export type ProjectDocument = z.infer<typeof projectDocument>;

/** Body of an import of such a document as a new project. */
export const importProject = z.strictObject({
  document: projectDocument,
  name: nameSchema.optional().describe("Left out: the document's, or made from displayName when that is given."),
  displayName: displayNameSchema.optional().describe("Left out: the document's."),
  contextPath: contextPathSchema.optional().describe("Left out: the document's."),
});
export type ImportProject = z.infer<typeof importProject>;
