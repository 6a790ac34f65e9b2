import { Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { Policy } from '#core/model/policy';
import type { PolicyChain } from '#core/model/policy-chain';
import { useRight } from '../../api/session.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { ByWhom } from '../../components/moment.tsx';
import { Empty } from '../../components/states.tsx';
import { Surface } from '../../components/surface.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { ChainForm } from './chain-form.tsx';
import classes from './project.module.css';
import { useProject } from './project-context.ts';

/** What stands in the address while a chain is being added; no chain can have the name. */
const NEW = '_new';

/** The policy chains of a project: lists of policies that a policy calls. */
export function ChainsTab() {
  const { overview } = useProject();
  const { project, chains, policies } = overview;
  const right = useRight('projects:write');
  const [{ chain: opened }, setUrl] = useUrlState();
  const close = () => setUrl({ chain: undefined });
  const open = chains.find(({ name }) => name === opened);
  return (
    <>
      <Surface padding={0}>
        <div className={classes.bar}>
          <Text size="sm" c="dimmed">
            Policies that run one after the other where a policy calls them: Call Policy Chain, or the scopes of a
            token.
          </Text>
          <GuardedButton
            right={right}
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() => setUrl({ chain: NEW })}
          >
            Add policy chain
          </GuardedButton>
        </div>
        {chains.length === 0 ? (
          <Empty title="No policy chains yet">
            A chain gathers policies under one name, so that they run together at several places.
          </Empty>
        ) : (
          <DataTable
            label="Policy chains"
            columns={columnsOf(project.name, policies)}
            rows={chains}
            rowKey={({ name }) => name}
            onOpen={({ name }) => setUrl({ chain: name })}
          />
        )}
      </Surface>
      <Dialog
        title={open === undefined ? 'Add policy chain' : `Policy chain ${open.displayName}`}
        isOpen={open !== undefined || opened === NEW}
        onClose={close}
        size="lg"
      >
        <ChainForm key={open?.id ?? NEW} project={project.name} chain={open} policies={policies} onDone={close} />
      </Dialog>
    </>
  );
}

function columnsOf(project: string, policies: readonly Policy[]): readonly Column<PolicyChain>[] {
  const titles = new Map(policies.map(({ name, displayName }) => [name, displayName]));
  return [
    {
      id: 'name',
      title: 'Name',
      cell: ({ name, displayName }) => (
        <Link to="/projects/$project/chains" params={{ project } as never} search={{ chain: name } as never} fw={600}>
          {displayName}
        </Link>
      ),
    },
    {
      id: 'policies',
      title: 'Policies, in their order',
      cell: (chain) =>
        chain.policies.length === 0
          ? 'None'
          : chain.policies
              .map(({ policy, enabled }) => `${titles.get(policy) ?? policy}${enabled ? '' : ' (off)'}`)
              .join(' → '),
    },
    { id: 'description', title: 'Description', cell: ({ description }) => description },
    { id: 'changed', title: 'Changed', cell: ({ updatedBy, updatedAt }) => <ByWhom by={updatedBy} at={updatedAt} /> },
  ];
}
