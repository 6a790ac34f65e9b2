import { Menu, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { PolicyPlace } from '#core/model/overview/screens';
import type { Policy } from '#core/model/policy';
import type { PolicyChain } from '#core/model/policy-chain';
import { useRight } from '../../api/session.ts';
import { Status } from '../../components/badges.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { ByWhom } from '../../components/moment.tsx';
import { Empty } from '../../components/states.tsx';
import { Surface } from '../../components/surface.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { NewPolicyDialog } from './new-policy-dialog.tsx';
import { Places } from './places.tsx';
import { byCategory, type PolicyType, usePolicyTypes } from './policy-types.ts';
import classes from './project.module.css';
import { useProject } from './project-context.ts';

/** The policies of a project, attached or not. */
export function PoliciesTab() {
  const { overview } = useProject();
  const { project, policies, places, chains } = overview;
  const types = usePolicyTypes();
  const [{ add }, setUrl] = useUrlState();
  const navigate = useNavigate();
  const placesOf = Map.groupBy(places, ({ policy }) => policy);
  const open = (policy: Policy) =>
    void navigate({
      to: '/projects/$project/policies/$policy',
      params: { project: project.name, policy: policy.name },
    } as never);
  const button = <AddButton types={types} onChoose={(type) => setUrl({ add: type.name })} />;
  return (
    <>
      <Surface padding={0}>
        <div className={classes.bar}>
          <Text size="sm" c="dimmed">
            A policy runs where it is attached, which may be at several endpoints. A change counts everywhere.
          </Text>
          {button}
        </div>
        {policies.length === 0 ? (
          <Empty title="No policies yet">
            Policies check, limit and change calls. Add one here, or at an endpoint under Resources.
          </Empty>
        ) : (
          <DataTable
            label="Policies"
            columns={columnsOf(project.name, types, { placesOf, chains })}
            rows={policies}
            rowKey={({ name }) => name}
            onOpen={open}
          />
        )}
      </Surface>
      <NewPolicyDialog
        project={project.name}
        type={types.find(({ name }) => name === add)}
        taken={policies.map(({ displayName }) => displayName)}
        onClose={() => setUrl({ add: undefined })}
        onMade={() => undefined}
      />
    </>
  );
}

function AddButton({
  types,
  onChoose,
}: {
  readonly types: readonly PolicyType[];
  readonly onChoose: (type: PolicyType) => void;
}) {
  const right = useRight('projects:write');
  if (!right.allowed)
    return (
      <GuardedButton right={right} variant="default" leftSection={<IconPlus size={16} />}>
        Add
      </GuardedButton>
    );
  return (
    <Menu position="bottom-end" width={320} shadow="md">
      <Menu.Target>
        <GuardedButton right={right} variant="default" leftSection={<IconPlus size={16} />}>
          Add
        </GuardedButton>
      </Menu.Target>
      <Menu.Dropdown>
        {byCategory(types).map(([category, members]) => [
          <Menu.Label key={category}>{category}</Menu.Label>,
          ...members.map((type) => (
            <Menu.Item key={type.name} onClick={() => onChoose(type)}>
              <Text size="sm">{type.title}</Text>
              <Text size="xs" c="dimmed" aria-hidden="true">
                {type.description}
              </Text>
            </Menu.Item>
          )),
        ])}
      </Menu.Dropdown>
    </Menu>
  );
}

function columnsOf(
  project: string,
  types: readonly PolicyType[],
  {
    placesOf,
    chains,
  }: { readonly placesOf: ReadonlyMap<string, readonly PolicyPlace[]>; readonly chains: readonly PolicyChain[] },
): readonly Column<Policy>[] {
  return [
    {
      id: 'name',
      title: 'Name',
      cell: ({ name, displayName }) => (
        <Link to="/projects/$project/policies/$policy" params={{ project, policy: name } as never} fw={600}>
          {displayName}
        </Link>
      ),
    },
    {
      id: 'type',
      title: 'Type',
      cell: (policy) => types.find(({ name }) => name === policy.type)?.title ?? policy.type,
    },
    { id: 'summary', title: 'Settings', cell: ({ summary }) => summary },
    {
      id: 'places',
      title: 'Attached to',
      cell: ({ name }) => {
        const places = placesOf.get(name) ?? [];
        const within = chains.filter(({ policies }) => policies.some(({ policy }) => policy === name));
        if (places.length === 0 && within.length === 0) return <Status tone="orange">Not attached anywhere</Status>;
        return (
          <>
            {places.length > 0 && <Places project={project} places={places} />}
            {within.map((chain) => (
              <div key={chain.name}>
                <Link
                  to="/projects/$project/chains"
                  params={{ project } as never}
                  search={{ chain: chain.name } as never}
                  size="sm"
                >
                  Policy chain {chain.displayName}
                </Link>
              </div>
            ))}
          </>
        );
      },
    },
    { id: 'changed', title: 'Changed', cell: ({ updatedBy, updatedAt }) => <ByWhom by={updatedBy} at={updatedAt} /> },
  ];
}
