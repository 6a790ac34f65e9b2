import {
  type ImportDiff,
  importDiff,
  importInto,
  importOpenApi,
  importWsdl,
  openApiPreview,
  previewImport,
  previewImportInto,
  projectOrigin,
  wsdlPreview,
} from '#core/model/import';
import { project } from '#core/model/project';
import { importProject, projectDocument } from '#core/model/project-document';
import { ProblemError } from '#core/problem';
import { readSnapshot } from '../drafts/snapshot.ts';
import { readSource } from '../import/document/fetch-document.ts';
import { applyImport, diffImport } from '../import/into.ts';
import { createFromOpenApi } from '../import/openapi/create.ts';
import { shownOpenApi } from '../import/openapi/preview.ts';
import { findProjectImport, originOf } from '../import/origins.ts';
import { createFromDocument } from '../import/project/create.ts';
import { documentOf } from '../import/project/export.ts';
import { readDocument } from '../import/read-document.ts';
import { createFromWsdl } from '../import/wsdl/create.ts';
import { keepWsdl } from '../import/wsdl/merge.ts';
import { shownWsdl } from '../import/wsdl/preview.ts';
import { operation, pathParams } from '../operation.ts';
import { getProjectRow } from '../records/project.ts';
import { change } from '../unit-of-work.ts';

/** A document of 10 MB as a JSON string, each of its line breaks and quotes two characters. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024;

/** Imports: a project of an OpenAPI document, a WSDL or another project's export; and a newer document into a project that is there. */
export const importOperations = [
  operation({
    id: 'imports.previewOpenApi',
    method: 'POST',
    path: '/imports/openapi/preview',
    permission: 'imports:write',
    summary: 'Read an OpenAPI 3.0 or 3.1 document and say what it would become. Nothing is created.',
    body: previewImport,
    response: openApiPreview,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    handler: async ({ context, body }) => {
      const source = await readSource(context.egress, body);
      const reading = await context.services.documents.readOpenApi(source.text, source.url);
      return { body: shownOpenApi(reading, source) };
    },
  }),
  operation({
    id: 'imports.createOpenApi',
    method: 'POST',
    path: '/imports/openapi',
    permission: 'imports:write',
    summary: 'Create a project of an OpenAPI document, with its resources, target and policies.',
    body: importOpenApi,
    response: project,
    status: 201,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    handler: async ({ context, actor, body }) => {
      const { reading, source } = await readDocument(context, 'openapi', body);
      const { url } = source;
      const made = await change(context, actor, (unit) => createFromOpenApi(unit, context, { body, reading, url }));
      return { body: made, revision: made.revision, location: `/projects/${made.name}` };
    },
  }),
  operation({
    id: 'imports.previewWsdl',
    method: 'POST',
    path: '/imports/wsdl/preview',
    permission: 'imports:write',
    summary: 'Read a WSDL 1.1 and say what it would become. Nothing is created.',
    body: previewImport,
    response: wsdlPreview,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    handler: async ({ context, body }) => {
      const source = await readSource(context.egress, body);
      const reading = await context.services.documents.readWsdl(source.text, body.fileName ?? 'The WSDL');
      return { body: shownWsdl(reading, source) };
    },
  }),
  operation({
    id: 'imports.createWsdl',
    method: 'POST',
    path: '/imports/wsdl',
    permission: 'imports:write',
    summary: 'Create a WSDL project: its calls are passed through to the address of the port.',
    body: importWsdl,
    response: project,
    status: 201,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    handler: async ({ context, actor, body }) => {
      const { reading, source } = await readDocument(context, 'wsdl', body);
      const made = await change(context, actor, (unit) => createFromWsdl(unit, context, { body, reading, source }));
      return { body: made, revision: made.revision, location: `/projects/${made.name}` };
    },
  }),
  operation({
    id: 'imports.createProject',
    method: 'POST',
    path: '/imports/project',
    permission: 'imports:write',
    summary: 'Create a project of the export of another one.',
    body: importProject,
    response: project,
    status: 201,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    handler: async ({ context, actor, body }) => {
      const { definition } = body.document;
      const wsdl =
        definition === undefined
          ? undefined
          : await readDocument(context, 'wsdl', { source: definition.text, fileName: 'The WSDL' });
      const made = await change(context, actor, async (unit) => {
        const created = await createFromDocument(unit, context, body);
        if (wsdl !== undefined) await keepWsdl(unit, created, wsdl);
        unit.audit({
          ...{ objectKind: 'project', objectId: created.id, objectName: created.name },
          sentence: `Project ${created.name} was imported from the export of ${body.document.project.name}.`,
          after: created,
        });
        return created;
      });
      return { body: made, revision: made.revision, location: `/projects/${made.name}` };
    },
  }),
  operation({
    id: 'projects.export',
    method: 'GET',
    path: '/projects/:project/export',
    permission: 'projects:read',
    summary: "Read a project's draft with everything in it as one document, without secrets.",
    params: pathParams('project'),
    response: projectDocument,
    handler: async ({ context, params }) => {
      const reader = context.db.read;
      const snapshot = await readSnapshot(reader, params.project, context.policyTypes);
      return { body: documentOf(snapshot, await findProjectImport(reader, snapshot.project.id)) };
    },
  }),
  operation({
    id: 'projects.import',
    method: 'GET',
    path: '/projects/:project/import',
    permission: 'projects:read',
    summary: 'Read which document a project was imported from, last.',
    params: pathParams('project'),
    response: projectOrigin,
    handler: async ({ context, params }) => {
      const { id, name } = await getProjectRow(context.db.read, params.project);
      const made = await findProjectImport(context.db.read, id);
      if (made === undefined) throw new ProblemError('not_found', `The project ${name} was not imported.`);
      return { body: originOf(made) };
    },
  }),
  operation({
    id: 'imports.previewInto',
    method: 'POST',
    path: '/projects/:project/import/preview',
    permission: 'imports:write',
    summary: 'Compare a newer document with a project that is there. Nothing is changed.',
    params: pathParams('project'),
    body: previewImportInto,
    response: importDiff,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    handler: async ({ context, params, body }): Promise<{ body: ImportDiff }> => ({
      body: await diffImport(context, params.project, body),
    }),
  }),
  operation({
    id: 'imports.into',
    method: 'POST',
    path: '/projects/:project/import',
    permission: 'imports:write',
    summary: "Change a project's draft as a newer document says; policies of what stays stay. Deploy it afterwards.",
    params: pathParams('project'),
    body: importInto,
    response: importDiff,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    handler: async ({ context, actor, params, body }) => ({
      body: await applyImport(context, actor, { reference: params.project, body }),
    }),
  }),
];
