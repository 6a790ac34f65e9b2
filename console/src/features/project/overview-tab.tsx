import { Alert, Group, Stack, Text } from '@mantine/core';
import type { ProjectOverview } from '#core/model/overview/screens';
import { PHASE_TITLES, PHASES } from '#core/model/phase';
import { isProxied } from '#core/model/project-kind';
import { Status } from '../../components/badges.tsx';
import { CodeLine } from '../../components/code-line.tsx';
import { formatNumber, formatShare, plural } from '../../components/format.ts';
import { Link, LinkButton } from '../../components/link.tsx';
import { Surface } from '../../components/surface.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { ProfileWarning } from '../oauth-profile/profile-warning.tsx';
import { FIRST_RESOURCE } from './addresses.ts';
import { callLines } from './call-lines.ts';
import classes from './project.module.css';
import { useProject } from './project-context.ts';

/** What a project is for callers: its addresses, a call that works, what runs, who may call, and how much is called. */
export function OverviewTab() {
  const { overview } = useProject();
  const [{ created }] = useUrlState();
  return (
    <Stack gap="md">
      {created !== undefined && <CreatedNote overview={overview} />}
      <ProfileWarning overview={overview} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <Call overview={overview} />
          <Flow overview={overview} />
        </div>
        <div className={classes.column}>
          <Traffic overview={overview} />
          <Products overview={overview} />
          <About overview={overview} />
        </div>
      </div>
    </Stack>
  );
}

interface PartProps {
  readonly overview: ProjectOverview;
}

/** What the wizard has made, and what comes next. */
function CreatedNote({ overview }: PartProps) {
  const { places, policies, live } = overview;
  const place = places.find(({ resource }) => resource !== undefined);
  const policy = policies.find(({ name }) => name === place?.policy);
  const made =
    place === undefined || policy === undefined
      ? 'DefaultResource made; it takes every path and runs no policies yet.'
      : `${policy.displayName} policy added and attached to ${PHASE_TITLES[place.endpoint]} of ${place.resourceDisplayName}.`;
  return (
    <Alert role="status" style={{ borderLeftColor: 'var(--ok)' }}>
      <Text size="sm">
        {made} {live.length === 0 && 'Next: Deploy'}
      </Text>
    </Alert>
  );
}

function Call({ overview }: PartProps) {
  const { urls, project, consumerKey, tokenUrls } = overview;
  const lines = callLines(overview);
  const isTokenNeeded = lines?.includes('$CONSUMER_SECRET') === true;
  const hints = [
    isTokenNeeded && consumerKey === undefined && 'Put a consumer key for CONSUMER_KEY.',
    isTokenNeeded && isProxied(project.kind) && tokenUrls.length === 0 && 'No token end point is live yet.',
    isTokenNeeded && 'The consumer secret is read from $CONSUMER_SECRET.',
  ].filter((hint) => hint !== false);
  return (
    <Surface title={urls.length > 1 ? 'URLs to call' : 'URL to call'}>
      <Stack gap="md">
        <div className={classes.urls}>
          {urls.map(({ serverGroup, serverGroupDisplayName, url, isLive }) => (
            <div key={`${serverGroup} ${url}`}>
              <Group gap={8} mb={4}>
                <Text size="xs" fw={600}>
                  {serverGroupDisplayName}
                </Text>
                {isLive ? <Status tone="green">Live</Status> : <Status tone="gray">Not deployed there</Status>}
              </Group>
              <CodeLine value={url} label={`Copy the URL in ${serverGroupDisplayName}`} />
            </div>
          ))}
          {urls.length === 0 && (
            <Text size="sm" c="dimmed">
              No server group has a public URL yet. Set it under Server groups.
            </Text>
          )}
        </div>
        {lines !== undefined && (
          <div>
            <Text size="xs" fw={600} mb={4}>
              With curl
            </Text>
            <CodeLine value={lines} label="Copy the curl lines" />
            <Text size="xs" c="dimmed" mt={4}>
              {hints.join(' ')}
            </Text>
          </div>
        )}
      </Stack>
    </Surface>
  );
}

/** What runs for a path without a resource of its own. */
function Flow({ overview }: PartProps) {
  const { project, places, policies, resources, targets } = overview;
  const titleOf = (name: string) => policies.find((policy) => policy.name === name)?.displayName ?? name;
  const at = (endpoint: (typeof PHASES)[number]) =>
    places
      .filter((place) => place.endpoint === endpoint && (place.resource ?? FIRST_RESOURCE) === FIRST_RESOURCE)
      .map(({ policy, enabled }) => (enabled ? titleOf(policy) : `${titleOf(policy)} (off)`));
  const target = targets.find(({ name }) => name === 'default') ?? targets[0];
  return (
    <Surface
      title="What runs"
      aside={
        <Link to="/projects/$project/resources/{-$resource}" params={{ project: project.name } as never}>
          {plural(resources.length, 'resource', 'resources')}
        </Link>
      }
    >
      <ol className={classes.flow}>
        {PHASES.map((phase) => (
          <li key={phase}>
            <b>{PHASE_TITLES[phase]}</b>
            <span>{at(phase).join(', ') || <span style={{ color: 'var(--app-muted)' }}>No policies</span>}</span>
          </li>
        ))}
        {isProxied(project.kind) && (
          <li>
            <b>Target</b>
            <span className="mono">
              {target?.urls.map(({ url }) => url).join(', ') ?? 'None yet: add one under Targets'}
            </span>
          </li>
        )}
      </ol>
      <Text size="xs" c="dimmed" mt="sm">
        For DefaultResource, in running order.
      </Text>
    </Surface>
  );
}

function Traffic({ overview }: PartProps) {
  const { last24h, live, project } = overview;
  return (
    <Surface
      title="Traffic, last 24 h"
      aside={
        <Link to="/monitor" search={{ project: project.name } as never}>
          Monitor
        </Link>
      }
    >
      {last24h === undefined || last24h.requests === 0 ? (
        <Text size="sm" c="dimmed">
          {live.length === 0 ? 'Nobody can call it before it is deployed.' : 'No calls yet. Make one in Try it.'}
        </Text>
      ) : (
        <div className={classes.figures}>
          <div>
            <div className={`${classes.figure} num`}>{formatNumber(last24h.requests)}</div>
            <Text size="xs" c="dimmed">
              {last24h.requests === 1 ? 'request' : 'requests'}
            </Text>
          </div>
          <div>
            <div className={`${classes.figure} num`}>{formatShare(last24h.failed, last24h.requests)}</div>
            <Text size="xs" c="dimmed">
              failed
            </Text>
          </div>
        </div>
      )}
    </Surface>
  );
}

function Products({ overview }: PartProps) {
  const { products, project } = overview;
  return (
    <Surface title="Products">
      {products.length === 0 ? (
        <Stack gap="xs" align="flex-start">
          <Text size="sm" c="dimmed">
            {isProxied(project.kind)
              ? 'In no product yet. Clients may call it once they subscribe to a product that contains it.'
              : 'In no product. An end point of the authorization server needs none: every client with keys can use it.'}
          </Text>
          {isProxied(project.kind) && (
            <LinkButton variant="default" size="compact-sm" to="/products">
              Products
            </LinkButton>
          )}
        </Stack>
      ) : (
        <ul className={classes.places}>
          {products.map(({ name, displayName }) => (
            <li key={name}>
              <Link to="/products/$product" params={{ product: name } as never}>
                {displayName}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Surface>
  );
}

function About({ overview: { project } }: PartProps) {
  return (
    <Surface title="About">
      <Stack gap={6}>
        {project.description !== '' && <Text size="sm">{project.description}</Text>}
        {isProxied(project.kind) && (
          <Text size="sm">
            Secure API with: <b>{project.secureWith === 'oauth' ? 'OAuth 2.0 Access Tokens' : 'None'}</b>
          </Text>
        )}
        <Text size="sm">
          Name for the command line: <span className="mono">{project.name}</span>
        </Text>
      </Stack>
    </Surface>
  );
}
