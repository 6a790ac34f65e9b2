import type { ImportDiff, ImportInto, PreviewImportInto } from '#core/model/import';
import { type ImportFormat, importFormatOf } from '#core/model/import-format';
import { PROJECT_KIND_TITLES, type Project } from '#core/model/project';
import { isProxied } from '#core/model/project-kind';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { getProject } from '../records/project.ts';
import { type Actor, change, type Unit } from '../unit-of-work.ts';
import type { SourceText } from './document/fetch-document.ts';
import { type Choice, chosenOperations } from './openapi/chosen.ts';
import { diffOperations, mergeOperations } from './openapi/merge.ts';
import type { OpenApiReading } from './openapi/reading.ts';
import { findProjectImport, type ProjectImport, saveProjectImport } from './origins.ts';
import { type ReadDocument, readDocument } from './read-document.ts';
import { diffWsdl, mergeWsdl } from './wsdl/merge.ts';
import type { WsdlReading } from './wsdl/read.ts';

type Into = PreviewImportInto & Partial<Pick<ImportInto, 'removed'>>;
type Shown = Pick<ImportDiff, 'added' | 'removed' | 'changed' | 'kept'>;

/** What a document of one format does to a project. */
interface Plan {
  readonly format: ImportFormat;
  readonly source: SourceText;
  readonly unused: ImportDiff['unused'];
  /** True when the document itself is kept and is another one than before. */
  isKept(before: ProjectImport): boolean;
  /** Compares, with everything that `apply` needs. */
  compare(reader: Reader, project: Project): Promise<{ readonly shown: Shown; apply(unit: Unit): Promise<void> }>;
}

/** What a newer document would change in a project. */
export async function diffImport(context: ManagerContext, reference: string, body: Into): Promise<ImportDiff> {
  const project = await getProject(context.db.read, reference);
  const plan = await planOf(context, project, body);
  const { shown } = await plan.compare(context.db.read, project);
  return answerOf(plan, shown, false);
}

/** Changes a project's draft as a newer document says, in one transaction; nothing is written when nothing differs. */
export async function applyImport(
  context: ManagerContext,
  actor: Actor,
  { reference, body }: { readonly reference: string; readonly body: ImportInto },
): Promise<ImportDiff> {
  const present = await getProject(context.db.read, reference);
  const plan = await planOf(context, present, body);
  const known = await findProjectImport(context.db.read, present.id);
  const asItIs = await plan.compare(context.db.read, present);
  if (known !== undefined && !isChange(asItIs.shown) && !plan.isKept(known)) return answerOf(plan, asItIs.shown, false);
  const { shown } = await change(context, actor, async (unit) => {
    const project = await getProject(unit.tx, reference);
    const compared = await plan.compare(unit.tx, project);
    await compared.apply(unit);
    unit.audit({
      ...{ objectKind: 'project', objectId: project.id, objectName: project.name },
      sentence: `A newer document was imported into project ${project.name}: ${sentenceOf(compared.shown)}.`,
      after: briefly(compared.shown),
    });
    return compared;
  });
  return answerOf(plan, shown, isChange(shown));
}

async function planOf(context: ManagerContext, project: Project, body: Into): Promise<Plan> {
  const { kind, displayName } = project;
  if (!isProxied(kind))
    throw new ProblemError(
      'state_conflict',
      `${displayName} is an ${PROJECT_KIND_TITLES[kind]}: nothing is imported into it.`,
    );
  if (kind === 'http') {
    const read = await readDocument(context, 'openapi', body);
    return openApiPlan(context, body, read);
  }
  return wsdlPlan(body, await readDocument(context, 'wsdl', body));
}

function openApiPlan(context: ManagerContext, body: Into, { reading, source }: ReadDocument<OpenApiReading>): Plan {
  return {
    format: importFormatOf(source.text),
    source,
    unused: [...reading.unused],
    isKept: () => false,
    async compare(reader, project) {
      const before = await findProjectImport(reader, project.id);
      const choice: Choice = {
        choose: body.choose ?? before?.data.choose ?? 'all',
        tags: body.tags ?? before?.data.tags ?? [],
      };
      const operations = chosenOperations(reading.operations, choice);
      const diff = await diffOperations(reader, context, { project, operations });
      return {
        shown: diff.shown,
        async apply(unit) {
          await mergeOperations(unit, context, { diff, removed: body.removed ?? {} });
          const { title, version } = reading;
          await saveProjectImport(unit, project.id, {
            format: 'openapi',
            text: undefined,
            data: { title, version, url: source.url, fileName: body.fileName, ...choice, tags: [...choice.tags] },
          });
        },
      };
    },
  };
}

function wsdlPlan(body: Into, { reading, source }: ReadDocument<WsdlReading>): Plan {
  return {
    format: importFormatOf(source.text),
    source,
    unused: [...reading.unused],
    isKept: ({ text }) => text !== source.text,
    async compare(reader, project) {
      const diff = await diffWsdl(reader, project, reading);
      const made = { reading, source, fileName: body.fileName };
      return { shown: diff.shown, apply: (unit) => mergeWsdl(unit, diff, made) };
    },
  };
}

function answerOf(plan: Plan, shown: Shown, isApplied: boolean): ImportDiff {
  return {
    ...shown,
    format: plan.format,
    sentence: sentenceOf(shown),
    problems: [],
    unused: plan.unused,
    ...(plan.source.url === undefined ? {} : { source: plan.source.text }),
    isApplied,
  };
}

function isChange({ added, removed, changed }: Shown): boolean {
  return added.length + removed.length + changed.length > 0;
}

/** `2 added, 1 removed, 1 changed, 17 kept` */
function sentenceOf(shown: Shown): string {
  const { added, removed, changed, kept } = shown;
  if (!isChange(shown)) return `nothing to change, ${kept} kept`;
  return `${added.length} added, ${removed.length} removed, ${changed.length} changed, ${kept} kept`;
}

/** The names of what changed, for the trail: some, when there are many. */
function briefly({ added, removed, changed, kept }: Shown): object {
  const names = (list: readonly { readonly name: string }[]) => list.slice(0, 100).map(({ name }) => name);
  return { added: names(added), removed: names(removed), changed: names(changed), kept };
}
