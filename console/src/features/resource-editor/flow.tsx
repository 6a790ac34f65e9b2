import {
  type Announcements,
  closestCorners,
  DndContext,
  type DragEndEvent,
  type DragOverEvent,
  type DragStartEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import { sortableKeyboardCoordinates } from '@dnd-kit/sortable';
import { IconArrowLeft, IconArrowRight, IconUser, IconWorld } from '@tabler/icons-react';
import { Fragment, useRef, useState } from 'react';
import { PHASE_TITLES, type Phase } from '#core/model/phase';
import { isProxied } from '#core/model/project-kind';
import { Link } from '../../components/link.tsx';
import { useEditor } from './editor-context.ts';
import { EndpointRegion } from './endpoint-region.tsx';
import { type FlowItems, findItem, itemsOf, moveItem } from './flow-items.ts';
import classes from './resource-editor.module.css';
import { movedSentence, positionIn } from './sentences.ts';

/** How far a pointer moves before it drags, in pixels: a press is a click. */
const DRAG_DISTANCE = 4;

/**
 * A call's way: from the client along the top to the target, and back along the bottom. In the page the parts stand in running order.
 */
export function Flow() {
  const editor = useEditor();
  // While something is dragged: where everything would be if it were dropped now.
  const [dragged, setDragged] = useState<{ readonly id: string; readonly items: FlowItems }>();
  const items = dragged?.items ?? itemsOf(editor.endpoints);
  // Lifted, and not yet anywhere else: over itself, which is no move to tell of.
  const isFresh = useRef(false);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: DRAG_DISTANCE } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );

  const nameOf = (id: string): string => {
    const policy = findItem(items, id)?.item?.attachment.policy;
    return policy === undefined ? '' : (editor.policyOf(policy)?.displayName ?? policy);
  };
  const mayRun = (id: string, phase: Phase): boolean => {
    if (id.startsWith(`${phase}/`)) return true;
    return editor.fits(id.slice(id.indexOf('/') + 1), phase);
  };
  const start = ({ active }: DragStartEvent) => setDragged({ id: String(active.id), items: itemsOf(editor.endpoints) });
  /** Where it would stand if it were dropped over something now. */
  const placeOver = (id: string, below: string | number | undefined) => {
    const from = findItem(items, id);
    const to = below === undefined ? undefined : findItem(items, String(below));
    if (from === undefined || to === undefined) return undefined;
    const isSame = from.phase === to.phase;
    const count = items[to.phase].length + (isSame ? 0 : 1);
    return { phase: to.phase, index: Math.min(to.index, count - 1), count, isSame };
  };
  const over = ({ active, over: below }: DragOverEvent) => {
    const id = String(active.id);
    const to = placeOver(id, below?.id);
    // Within an endpoint the others make room by themselves.
    if (to === undefined || to.isSame || !mayRun(id, to.phase)) return;
    setDragged({ id, items: moveItem(items, id, to) });
  };
  const end = ({ active, over: below }: DragEndEvent) => {
    const id = String(active.id);
    const from = findItem(itemsOf(editor.endpoints), id);
    const now = findItem(items, id);
    const to = placeOver(id, below?.id);
    setDragged(undefined);
    if (from === undefined || now === undefined) return;
    const place = to?.isSame === true ? to : now;
    if (from.phase !== place.phase || from.index !== place.index) editor.movePolicy(from, place);
  };

  const sentence = (id: string, below: string | number | undefined): string | undefined => {
    const to = placeOver(id, below);
    if (to === undefined) return undefined;
    if (!mayRun(id, to.phase)) return `${nameOf(id)} cannot run in ${PHASE_TITLES[to.phase]}`;
    return movedSentence(nameOf(id), to.index, to.count, to.phase);
  };
  const announcements: Announcements = {
    onDragStart: ({ active }) => {
      isFresh.current = true;
      const place = placeOver(String(active.id), active.id);
      return place && `Lifted ${nameOf(String(active.id))}, ${positionIn(place.index, place.count, place.phase)}`;
    },
    onDragOver: ({ active, over: below }) => {
      if (isFresh.current && below?.id === active.id) return undefined;
      isFresh.current = false;
      return sentence(String(active.id), below?.id);
    },
    onDragEnd: ({ active, over: below }) => sentence(String(active.id), below?.id),
    onDragCancel: ({ active }) => `${nameOf(String(active.id))} is back where it was`,
  };
  const region = (phase: Phase) => (
    <EndpointRegion
      phase={phase}
      items={items[phase]}
      isRefusing={dragged !== undefined && !mayRun(dragged.id, phase)}
    />
  );
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCorners}
      onDragStart={start}
      onDragOver={over}
      onDragEnd={end}
      onDragCancel={() => setDragged(undefined)}
      accessibility={{
        announcements,
        screenReaderInstructions: {
          draggable: 'Space lifts the policy, arrow keys move it, Space drops it, Escape puts it back.',
        },
      }}
    >
      <div className={classes.flow}>
        <ClientCap />
        <Arrow isBack={false} />
        {region('proxyRequest')}
        <Arrow isBack={false} />
        {region('targetRequest')}
        <Arrow isBack={false} />
        <TargetCap />
        <Arrow isBack />
        {region('targetResponse')}
        <Arrow isBack />
        {region('proxyResponse')}
        <Arrow isBack />
      </div>
    </DndContext>
  );
}

function Arrow({ isBack }: { readonly isBack: boolean }) {
  const Icon = isBack ? IconArrowLeft : IconArrowRight;
  return (
    <div className={`${classes.arrow} ${isBack ? classes.back : classes.forth}`} aria-hidden="true">
      <Icon size={16} />
    </div>
  );
}

function ClientCap() {
  const { overview, resource } = useEditor();
  const { contextPath } = overview.project;
  const shown = resource === undefined ? undefined : overview.resource?.path;
  return (
    <div className={`${classes.cap} ${classes.client}`}>
      <IconUser size={18} stroke={1.6} aria-hidden="true" />
      <b>Client</b>
      <Address text={shown === undefined || shown === '/*' ? contextPath : `${contextPath}${shown}`} />
    </div>
  );
}

function TargetCap() {
  const { overview, resource } = useEditor();
  const { project, targets } = overview;
  if (!isProxied(project.kind))
    return (
      <div className={`${classes.cap} ${classes.target}`}>
        <IconWorld size={18} stroke={1.6} aria-hidden="true" />
        <b>No target</b>
        <span>The token end point answers by itself.</span>
      </div>
    );
  const target = targets.find(({ name }) => name === overview.resource?.target);
  return (
    <div className={`${classes.cap} ${classes.target}`}>
      <IconWorld size={18} stroke={1.6} aria-hidden="true" />
      <b>Target</b>
      {resource === undefined ? (
        <span>Each resource names its own.</span>
      ) : target === undefined ? (
        <span>None yet: calls cannot be passed on.</span>
      ) : (
        target.urls.slice(0, 3).map(({ url }) => <Address text={url} key={url} />)
      )}
      {target !== undefined && target.urls.length > 3 && <span>and {target.urls.length - 3} more</span>}
      <Link
        size="xs"
        to="/projects/$project/targets"
        params={{ project: project.name } as never}
        search={(target === undefined ? {} : { target: target.name }) as never}
      >
        {target === undefined ? 'Targets' : 'Edit target'}
      </Link>
    </div>
  );
}

/** A path or URL that breaks at its slashes where it has to, and is cut where it would be a page long. */
function Address({ text }: { readonly text: string }) {
  return (
    <span className={`mono ${classes.address}`} title={text}>
      {text.split(/(?<=[^/:])(?=\/)/).map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text stand still
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </span>
  );
}
