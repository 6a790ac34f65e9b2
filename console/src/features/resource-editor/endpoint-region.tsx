import { useDroppable } from '@dnd-kit/core';
import { SortableContext, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { PHASE_TITLES, type Phase } from '#core/model/phase';
import { plural } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { ALL_RESOURCES } from '../project/addresses.ts';
import { AddPolicy } from './add-policy.tsx';
import { useEditor } from './editor-context.ts';
import type { FlowItem } from './flow-items.ts';
import { PolicyCard } from './policy-card.tsx';
import classes from './resource-editor.module.css';
import { EMPTY_SENTENCES } from './sentences.ts';

/** One of the four endpoints: its policies in running order. `isRefusing`: what is being dragged cannot run here. */
export function EndpointRegion({
  phase,
  items,
  isRefusing,
}: {
  readonly phase: Phase;
  readonly items: readonly FlowItem[];
  readonly isRefusing: boolean;
}) {
  const droppable = useDroppable({ id: phase, disabled: isRefusing });
  const isRequest = phase === 'proxyRequest' || phase === 'targetRequest';
  const id = `endpoint-${phase}`;
  return (
    <section
      ref={droppable.setNodeRef}
      aria-labelledby={id}
      className={`${classes.endpoint} ${isRequest ? classes.request : classes.response}`}
      data-refusing={isRefusing || undefined}
    >
      <div className={classes.heading}>
        <h3 id={id}>{PHASE_TITLES[phase]}</h3>
        {items.length > 0 && <span className="num">{plural(items.length, 'policy', 'policies')}</span>}
      </div>
      {isRequest && <Around phase={phase} word="Before these" />}
      {items.length === 0 ? (
        <p className={classes.empty}>{isRefusing ? 'Cannot run here.' : EMPTY_SENTENCES[phase]}</p>
      ) : (
        <SortableContext items={items.map((item) => item.id)} strategy={verticalListSortingStrategy}>
          <ol className={classes.list}>
            {items.map(({ id: item, attachment }, index) => (
              <PolicyCard
                key={item}
                id={item}
                attachment={attachment}
                phase={phase}
                index={index}
                count={items.length}
              />
            ))}
          </ol>
        </SortableContext>
      )}
      {!isRequest && <Around phase={phase} word="After these" />}
      <AddPolicy phase={phase} />
    </section>
  );
}

/** The project's own policies that run here as well. */
function Around({ phase, word }: { readonly phase: Phase; readonly word: string }) {
  const { overview, resource, policyOf } = useEditor();
  const { project } = overview;
  const attached = project.endpoints[phase].filter(({ enabled }) => enabled);
  if (resource === undefined || attached.length === 0) return undefined;
  return (
    <p className={classes.around}>
      {word}, for{' '}
      <Link
        size="xs"
        underline="always"
        to="/projects/$project/resources/{-$resource}"
        params={{ project: project.name, resource: ALL_RESOURCES } as never}
      >
        all resources
      </Link>
      : {attached.map(({ policy }) => policyOf(policy)?.displayName ?? policy).join(', ')}
    </p>
  );
}
