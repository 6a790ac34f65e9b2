import { Alert, List, Stack } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ProjectOverview } from '#core/model/overview/screens';
import { plural } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { PROFILE_TITLES, profiled } from './deviations.ts';
import { SetProfile } from './set-profile.tsx';

/** On a project of the authorization server: that its settings are not as the profile has them, with links to the fields. */
export function ProfileWarning({ overview }: { readonly overview: ProjectOverview }) {
  const { project, policies, tokenProfile } = overview;
  return policies.map((policy) => {
    const found = profiled(policy, tokenProfile);
    if (found === undefined || found.deviations.length === 0) return undefined;
    const { profile, deviations } = found;
    return (
      <Alert
        key={policy.name}
        icon={<IconAlertTriangle />}
        title={`${policy.displayName}: ${plural(deviations.length, 'deviation', 'deviations')} from the profile ${PROFILE_TITLES[profile]}`}
        style={{ borderLeftColor: 'var(--warn)' }}
      >
        <Stack gap="xs" align="flex-start">
          <List size="sm" spacing={4}>
            {deviations.map(({ pointer, why, source }) => (
              <List.Item key={pointer}>
                <Link
                  underline="always"
                  to="/projects/$project/policies/$policy"
                  params={{ project: project.name, policy: policy.name } as never}
                  search={{ field: pointer } as never}
                >
                  {pointer.slice(1).replaceAll('/', '.')}
                </Link>
                : {why} ({source})
              </List.Item>
            ))}
          </List>
          <SetProfile project={project.name} policy={policy} found={found} />
        </Stack>
      </Alert>
    );
  });
}
