import type { ImportWsdl } from '#core/model/import';
import { createProject, type Project } from '#core/model/project';
import type { ManagerContext } from '../../context.ts';
import { createProjectDraft } from '../../drafts/create-project.ts';
import { parseWith, wrongValue } from '../../http/validation.ts';
import type { Unit } from '../../unit-of-work.ts';
import type { SourceText } from '../document/fetch-document.ts';
import { saveProjectImport } from '../origins.ts';
import { choosePort } from './choose-port.ts';
import type { WsdlReading } from './read.ts';

/** Makes a project of a WSDL that was read without problems: DefaultResource passes its calls through to the address of the port. */
export async function createFromWsdl(
  unit: Unit,
  context: ManagerContext,
  request: { readonly body: ImportWsdl; readonly reading: WsdlReading; readonly source: SourceText },
): Promise<Project> {
  const { body, reading, source } = request;
  const { service, port } = choosePort(reading, body);
  const targetUrl = body.targetUrl ?? port.targetUrl;
  if (targetUrl === '')
    throw wrongValue(
      '/targetUrl',
      'required',
      `The address of the port ${port.name} is no URL that can be called. Give the URL of the target.`,
    );
  const { name, displayName, contextPath, description = reading.description, tokenIn, scopes } = body;
  const project = await createProjectDraft(
    unit,
    context,
    parseWith(createProject, {
      ...{ kind: 'wsdl', displayName, contextPath, description, targetUrl, secureWith: body.secureWith ?? 'none' },
      ...(name === undefined ? {} : { name }),
      ...(tokenIn === undefined ? {} : { tokenIn }),
      ...(scopes === undefined ? {} : { scopes }),
    }),
  );
  await saveProjectImport(unit, project.id, {
    format: 'wsdl',
    text: source.text,
    data: {
      ...{ title: reading.title, version: '', url: source.url, fileName: body.fileName, choose: 'default', tags: [] },
      ...{ service, port: port.name, targetUrl: port.targetUrl },
      operations: port.operations.map((operation) => operation.name),
    },
  });
  unit.audit({
    ...{ objectKind: 'project', objectId: project.id, objectName: project.name },
    sentence: `Project ${project.name} was imported from the WSDL ${reading.title.slice(0, 100)} with ${port.operations.length} operations.`,
    after: project,
  });
  return project;
}
