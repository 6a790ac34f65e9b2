import { SegmentedControl, Select } from '@mantine/core';
import { IconLayoutGrid, IconList } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { ProjectRow } from '#core/model/overview/screens';
import { PROJECT_KIND_TITLES, PROJECT_KINDS } from '#core/model/project-kind';
import { useRight } from '../../api/session.ts';
import { LinkButton } from '../../components/link.tsx';
import { ListView } from '../../components/list-view.tsx';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { AddMenu } from './add-menu.tsx';
import { BulkActs } from './bulk-acts.tsx';
import { ProjectCards } from './project-cards.tsx';
import { PROJECT_COLUMNS } from './project-columns.tsx';
import classes from './projects.module.css';

/** Every API project (console.md §4.4). */
export function ProjectList() {
  const [url] = useUrlState();
  const navigate = useNavigate();
  const open = ({ name }: ProjectRow) => void navigate({ to: `/projects/${name}` });
  return (
    <Page
      title="API projects"
      description="What is published, each under its own path. Changes go live with Deploy."
      actions={<AddMenu />}
    >
      <ListView<ProjectRow>
        address="/overview/projects"
        what="API projects"
        columns={PROJECT_COLUMNS}
        rowKey={({ id }) => id}
        rowTitle={({ displayName }) => displayName}
        onOpen={open}
        defaultSort="displayName"
        filters={['kind']}
        filterControls={<Filters />}
        bulk={(selected, done) => <BulkActs selected={selected} onDone={done} />}
        {...(url.view === 'cards' && { render: (rows) => <ProjectCards rows={rows} /> })}
        empty={<NoProjects />}
      />
    </Page>
  );
}

function Filters() {
  const [url, setUrl] = useUrlState();
  return (
    <>
      <Select
        size="xs"
        w={200}
        aria-label="Type"
        placeholder="All types"
        clearable
        data={PROJECT_KINDS.map((kind) => ({ value: kind, label: PROJECT_KIND_TITLES[kind] }))}
        value={url.kind ?? null}
        onChange={(kind) => setUrl({ kind: kind ?? undefined, cursor: undefined })}
      />
      <SegmentedControl
        size="xs"
        ml="auto"
        aria-label="View"
        data={[
          { value: 'table', label: <IconList className={classes.icon ?? ''} size={16} aria-label="Table" /> },
          { value: 'cards', label: <IconLayoutGrid className={classes.icon ?? ''} size={16} aria-label="Cards" /> },
        ]}
        value={url.view === 'cards' ? 'cards' : 'table'}
        onChange={(view) => setUrl({ view: view === 'cards' ? view : undefined })}
      />
    </>
  );
}

function NoProjects() {
  const right = useRight('projects:write');
  return (
    <Empty
      title="No API projects yet"
      actions={
        right.allowed ? (
          <>
            <LinkButton to="/projects" search={{ add: 'oauth-token-endpoint' } as never}>
              Add an OAuth Token End Point
            </LinkButton>
            <LinkButton variant="default" to="/projects" search={{ add: 'http' } as never}>
              Add a REST/HTTP project
            </LinkButton>
          </>
        ) : undefined
      }
    >
      Most people start with an OAuth token end point, then a REST/HTTP project.
      {!right.allowed && ` ${right.reason ?? ''} to add one.`}
    </Empty>
  );
}
