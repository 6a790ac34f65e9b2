import type { ImportDiff } from '#core/model/import';
import type { Project } from '#core/model/project';
import type { Target } from '#core/model/target';
import type { Reader } from '../../database.ts';
import { touchDraft } from '../../records/project.ts';
import { getPart } from '../../records/project-part.ts';
import { changedRecordColumns } from '../../records/record.ts';
import { listTargets, targetData } from '../../records/target.ts';
import type { Unit } from '../../unit-of-work.ts';
import type { SourceText } from '../document/fetch-document.ts';
import { findProjectImport, type ProjectImport, saveProjectImport } from '../origins.ts';
import { type ChosenPort, choosePort } from './choose-port.ts';
import type { WsdlReading } from './read.ts';

/** What a newer WSDL changes in a project. */
export interface WsdlDiff {
  readonly project: Project;
  readonly chosen: ChosenPort;
  readonly before: ProjectImport | undefined;
  /** The target whose address changes, and the new one; undefined: it stays. */
  readonly retarget: { readonly target: Target; readonly url: string } | undefined;
  readonly shown: Pick<ImportDiff, 'added' | 'removed' | 'changed' | 'kept'>;
}

/** Compares a WSDL with a project. The target follows the address only while nobody changed it by hand. */
export async function diffWsdl(reader: Reader, project: Project, reading: WsdlReading): Promise<WsdlDiff> {
  const before = await findProjectImport(reader, project.id);
  const chosen = choosePort(reading, portWish(reading, before));
  const had = new Set(before?.data.operations ?? []);
  const has = chosen.port.operations.map(({ name }) => name);
  const shown = (name: string) => ({ name, displayName: name, path: '/*', methods: ['POST'] });
  const target = (await listTargets(reader, project.id)).find(({ name }) => name === 'default');
  const { targetUrl } = chosen.port;
  const isAsImported = target?.urls.length === 1 && target.urls[0]?.url === before?.data.targetUrl;
  const isMoved = target !== undefined && isAsImported && targetUrl !== '' && targetUrl !== before?.data.targetUrl;
  return {
    ...{ project, chosen, before },
    retarget: isMoved ? { target, url: targetUrl } : undefined,
    shown: {
      added: has.filter((name) => !had.has(name)).map(shown),
      removed: [...had]
        .filter((name) => !has.includes(name))
        .map((name) => ({ ...shown(name), policies: [], needsChoice: false })),
      changed: isMoved
        ? [
            {
              ...{ name: target.name, displayName: target.displayName, path: '', methods: [] },
              sentences: [`Target ${before?.data.targetUrl} → ${targetUrl}`],
            },
          ]
        : [],
      kept: has.filter((name) => had.has(name)).length,
    },
  };
}

/** The service and port of the import before, as long as the document has them. */
function portWish({ services }: WsdlReading, before: ProjectImport | undefined) {
  const service = services.find(({ name }) => name === before?.data.service) ?? services[0];
  const port = service?.ports.find(({ name }) => name === before?.data.port);
  return { service: service?.name, port: port?.name };
}

/** Keeps the WSDL with the project and moves its target; whoever calls notes it in the audit trail. */
export async function mergeWsdl(
  unit: Unit,
  diff: WsdlDiff,
  made: { readonly reading: WsdlReading; readonly source: SourceText; readonly fileName: string | undefined },
): Promise<void> {
  const { project, chosen, retarget } = diff;
  if (retarget !== undefined) {
    const row = await getPart(unit.tx, 'targets', { projectId: project.id, reference: retarget.target.name });
    const urls = retarget.target.urls.map((one) => ({ ...one, url: retarget.url }));
    const columns = changedRecordColumns(unit, row, { data: targetData({ ...retarget.target, urls }) });
    await unit.tx.updateTable('targets').set(columns).where('id', '=', row.id).execute();
    await touchDraft(unit.tx, project.id);
  }
  await saveProjectImport(unit, project.id, {
    format: 'wsdl',
    text: made.source.text,
    data: {
      ...{ title: made.reading.title, version: '', url: made.source.url, fileName: made.fileName },
      ...{ choose: 'default', tags: [], service: chosen.service, port: chosen.port.name },
      targetUrl: chosen.port.targetUrl,
      operations: chosen.port.operations.map(({ name }) => name),
    },
  });
}

/** Keeps the WSDL of an export with the project that was made of it. */
export async function keepWsdl(
  unit: Unit,
  project: Project,
  read: { readonly reading: WsdlReading; readonly source: SourceText },
): Promise<void> {
  const diff = await diffWsdl(unit.tx, project, read.reading);
  await mergeWsdl(unit, diff, { ...read, fileName: undefined });
}
