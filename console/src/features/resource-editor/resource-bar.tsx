import { ActionIcon, Select, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPencil, IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ResourceRow } from '#core/model/overview/screens';
import { useRight } from '../../api/session.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { ALL_RESOURCES, FIRST_RESOURCE } from '../project/addresses.ts';
import { ResourcesMenu } from '../project-imports/resources-menu.tsx';
import { useEditor } from './editor-context.ts';
import { ResourceDialog } from './resource-dialog.tsx';
import classes from './resource-editor.module.css';

/** Most resources that are listed at once; the rest is found by typing. */
const LISTED = 100;

/** Chooses whose policies are shown; adds and changes resources. */
export function ResourceBar() {
  const { overview, resource } = useEditor();
  const { project, resources } = overview;
  const right = useRight('projects:write');
  const navigate = useNavigate();
  const [isAdding, adding] = useDisclosure(false);
  const [url, setUrl] = useUrlState();
  // A link to a field of the resource opens its settings; with a policy it is a field of that.
  const [isChanging, changing] = useDisclosure(url.field !== undefined && url.policy === undefined);
  const [search, setSearch] = useState('');
  const open = (name: string) =>
    void navigate({
      to: '/projects/$project/resources/{-$resource}',
      params: { project: project.name, resource: name },
    } as never);
  const options = [
    { value: ALL_RESOURCES, label: `All resources   ${project.contextPath}` },
    ...resources.map((row) => ({ value: row.name, label: optionOf(row) })),
  ];
  return (
    <>
      <div className={classes.bar}>
        <Select
          label="Resource"
          data={options}
          value={resource ?? ALL_RESOURCES}
          searchable={resources.length > 8}
          searchValue={search}
          onSearchChange={setSearch}
          limit={LISTED}
          allowDeselect={false}
          nothingFoundMessage="No resource has this in its name or path"
          onChange={(next) => next !== null && open(next)}
        />
        {resource !== undefined && (
          <Tooltip label="Settings of the resource">
            <ActionIcon variant="default" size={36} aria-label="Settings of the resource" onClick={changing.open}>
              <IconPencil size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        <GuardedButton right={right} variant="default" leftSection={<IconPlus size={16} />} onClick={adding.open}>
          Add resource
        </GuardedButton>
        <ResourcesMenu project={project} />
      </div>
      <p className={classes.help}>{helpOf(resource, overview.resource?.public === true)}</p>
      <ResourceDialog isOpen={isAdding} onClose={adding.close} resource={undefined} onDone={open} />
      <ResourceDialog
        isOpen={isChanging}
        onClose={() => {
          changing.close();
          if (url.policy === undefined) setUrl({ field: undefined });
        }}
        resource={overview.resource}
        onDone={() => undefined}
        onDeleted={() => open(FIRST_RESOURCE)}
      />
    </>
  );
}

/** A resource in a line: `DefaultResource   ALL /*`. */
function optionOf({ displayName, methods, path }: ResourceRow): string {
  return `${displayName}   ${methods.length === 0 ? 'ALL' : methods.join(', ')} ${path}`;
}

function helpOf(resource: string | undefined, isPublic: boolean): string {
  if (resource === undefined)
    return 'Policies for all resources: before those of a resource on the way in, after them on the way out.';
  if (resource === FIRST_RESOURCE) return 'Runs for every path that has no resource of its own. It cannot be deleted.';
  return isPublic ? 'Public: it may be called without a token.' : 'Runs for the calls that its path and methods match.';
}
