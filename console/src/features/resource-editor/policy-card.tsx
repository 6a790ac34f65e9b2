import { useSortable } from '@dnd-kit/sortable';
import { VisuallyHidden } from '@mantine/core';
import { IconGripVertical } from '@tabler/icons-react';
import { type KeyboardEvent, useId } from 'react';
import type { Attachment } from '#core/model/endpoint';
import { PHASE_TITLES, type Phase } from '#core/model/phase';
import { CardMenu } from './card-menu.tsx';
import { useEditor } from './editor-context.ts';
import { PolicyIcon } from './policy-icon.tsx';
import classes from './resource-editor.module.css';

interface PolicyCardProps {
  readonly id: string;
  readonly attachment: Attachment;
  readonly phase: Phase;
  readonly index: number;
  readonly count: number;
}

/** A policy at an endpoint. Its card opens its settings; Alt with an arrow moves it, Delete detaches it. */
export function PolicyCard({ id, attachment, phase, index, count }: PolicyCardProps) {
  const editor = useEditor();
  const { policy: name, enabled } = attachment;
  const sortable = useSortable({ id, data: { phase }, disabled: editor.isReadOnly });
  const policy = editor.policyOf(name);
  const title = policy?.displayName ?? name;
  const place = { phase, index };
  const position = useId();
  const isSelected = editor.selected?.policy === name && editor.selected.phase === phase;
  const summary = enabled ? (policy?.summary ?? '') : 'Off';

  const onKeyDown = (event: KeyboardEvent) => {
    if (editor.isReadOnly) return;
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (event.altKey && step !== 0) {
      event.preventDefault();
      if (index + step >= 0 && index + step < count) editor.movePolicy(place, { phase, index: index + step });
    } else if (event.key === 'Delete') {
      event.preventDefault();
      editor.detachPolicy(place);
    }
  };

  return (
    <li
      ref={sortable.setNodeRef}
      className={classes.card}
      data-selected={isSelected || undefined}
      data-off={!enabled || undefined}
      data-dragging={sortable.isDragging || undefined}
      style={{ ...movedBy(sortable.transform), transition: sortable.transition }}
    >
      {!editor.isReadOnly && (
        <button
          type="button"
          ref={sortable.setActivatorNodeRef}
          className={classes.handle}
          {...sortable.attributes}
          {...sortable.listeners}
          aria-label={`Drag ${title}`}
        >
          <IconGripVertical size={16} aria-hidden="true" />
        </button>
      )}
      <button
        type="button"
        className={classes.open}
        data-card={`${phase}/${name}`}
        aria-pressed={isSelected}
        aria-describedby={position}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Delete"
        onKeyDown={onKeyDown}
        onClick={(event) => editor.select(name, phase, event.detail === 0)}
      >
        <PolicyIcon type={policy?.type} category={editor.typeOf(policy?.type ?? '')?.category} />
        <span className={`${classes.number} num`} aria-hidden="true">
          {index + 1}
        </span>
        <span className={classes.words}>
          <span className={classes.name}>{title}</span>
          <span className={classes.summary} title={summary}>
            {summary}
          </span>
        </span>
      </button>
      <CardMenu title={title} policy={name} place={place} count={count} isEnabled={enabled} />
      <VisuallyHidden id={position}>{`Position ${index + 1} of ${count} in ${PHASE_TITLES[phase]}`}</VisuallyHidden>
    </li>
  );
}

/** While something is dragged: how far the card is from where it stands. */
function movedBy(distance: { readonly x: number; readonly y: number } | null): { readonly transform?: string } {
  return distance === null ? {} : { transform: `translate3d(${distance.x}px, ${distance.y}px, 0)` };
}
