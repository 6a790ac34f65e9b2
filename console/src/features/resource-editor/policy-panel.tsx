import { CloseButton, Switch, Text, Title } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { PHASE_TITLES, type Phase } from '#core/model/phase';
import { plural } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { Lines } from '../../components/loaded.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { PolicyForm } from '../project/policy-form.tsx';
import { placeOf } from './attachments.ts';
import { useEditor } from './editor-context.ts';
import classes from './resource-editor.module.css';

/** The settings of the policy that is open, beside the flow. `hasFocus`: it was opened by keyboard. */
export function PolicyPanel({ hasFocus }: { readonly hasFocus: boolean }) {
  const editor = useEditor();
  const [{ field }] = useUrlState();
  const { selected, overview, endpoints } = editor;
  const heading = useRef<HTMLHeadingElement>(null);
  const policy = selected && editor.policyOf(selected.policy);
  const type = policy && editor.typeOf(policy.type);

  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about another policy being open
  useEffect(() => {
    if (hasFocus) heading.current?.focus();
    heading.current?.scrollIntoView({ block: 'nearest' });
  }, [selected?.policy, hasFocus]);

  if (selected === undefined || policy === undefined) return undefined;
  const place = placeOf(endpoints, selected.phase, selected.policy);
  const attachment = place && endpoints[selected.phase][place.index];
  const uses = overview.places.filter((known) => known.policy === policy.name).length;
  return (
    <aside className={`surface ${classes.panel}`} aria-label={`Settings of ${policy.displayName}`}>
      <div className={classes.panelHead}>
        <div>
          <Title order={2} ref={heading} tabIndex={-1}>
            {policy.displayName}
          </Title>
          <Text size="xs" c="dimmed">
            {[
              type?.title ?? policy.type,
              ...placeWords(selected.phase, place?.index, endpoints[selected.phase].length),
            ].join(' · ')}
          </Text>
        </div>
        <CloseButton aria-label="Close the settings" onClick={editor.close} />
      </div>
      {type === undefined ? (
        <Lines count={5} />
      ) : (
        <PolicyForm
          key={policy.id}
          project={overview.project.name}
          policy={policy}
          type={type}
          focus={field}
          openBy="policy"
          aside={
            place !== undefined && (
              <Switch
                labelPosition="left"
                label={attachment?.enabled === true ? 'On' : 'Off'}
                aria-label={`Runs at ${PHASE_TITLES[selected.phase]}`}
                checked={attachment?.enabled === true}
                disabled={editor.isReadOnly}
                onChange={(event) => editor.turnPolicy(place, event.currentTarget.checked)}
              />
            )
          }
          note={
            uses > 1 && (
              <div className={classes.shared}>
                Used in {plural(uses, 'place', 'places')}. Change here changes all.{' '}
                <Link
                  size="xs"
                  underline="always"
                  to="/projects/$project/policies/$policy"
                  params={{ project: overview.project.name, policy: policy.name } as never}
                >
                  See where
                </Link>
              </div>
            )
          }
        />
      )}
    </aside>
  );
}

function placeWords(phase: Phase, index: number | undefined, count: number): readonly string[] {
  if (index === undefined) return [`not attached to ${PHASE_TITLES[phase]}`];
  return [`on ${PHASE_TITLES[phase]}`, `position ${index + 1} of ${count}`];
}
