import { PROJECT_DOCUMENT_MARK } from '#core/model/import-format';
import { type ProjectDocument, projectDocument } from '#core/model/project-document';
import type { ProjectSnapshot } from '#core/model/version';
import type { ProjectImport } from '../origins.ts';

/** A project's draft as one document: parts by name, neither ids nor dates. */
export function documentOf(snapshot: ProjectSnapshot, made: ProjectImport | undefined): ProjectDocument {
  const { id: _, ...project } = snapshot.project;
  return projectDocument.parse({
    [PROJECT_DOCUMENT_MARK]: 1,
    project,
    targets: byName(snapshot.targets),
    policies: byName(snapshot.policies),
    resources: byName(snapshot.resources),
    ...(snapshot.chains !== undefined && { policyChains: byName(snapshot.chains) }),
    ...(made?.format === 'wsdl' && made.text !== undefined ? { definition: { format: 'wsdl', text: made.text } } : {}),
  });
}

function byName<Part extends { readonly id: string; readonly name: string }>(parts: readonly Part[]) {
  return parts.map(({ id: _, ...part }) => part).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
