import { Checkbox, Select, Stack, Text } from '@mantine/core';
import type { ServerGroupRow } from '#core/model/overview/screens';
import { isGroupRole, ROLE_PURPOSES, ROLE_TITLES, ROLES, type Role, type RoleGrant } from '#core/model/role';
import type { ListPage } from '../../api/page.ts';
import { useApi } from '../../components/loaded.tsx';

const EVERYWHERE = '*';

/** Roles to tick; Releaser and Operator everywhere or on one server group. */
export function RolesInput({
  value = [],
  onChange,
  error,
}: {
  readonly value?: readonly RoleGrant[];
  readonly onChange: (grants: RoleGrant[]) => void;
  readonly error?: React.ReactNode;
}) {
  const groups = useApi<ListPage<ServerGroupRow>>('/overview/server-groups', { query: { limit: 100 } });
  const options = [
    { value: EVERYWHERE, label: 'On every server group' },
    ...(groups.data?.items ?? []).map(({ serverGroup }) => ({
      value: serverGroup.name,
      label: `On ${serverGroup.displayName}`,
    })),
  ];
  const without = (role: Role) => value.filter((grant) => grant.role !== role);
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0 }} aria-invalid={error !== undefined && error !== null}>
      <Text component="legend" size="sm" fw={600} p={0} mb={6}>
        Roles
      </Text>
      <Stack gap={8}>
        {ROLES.map((role) => {
          const grant = value.find((candidate) => candidate.role === role);
          return (
            <div key={role}>
              <Checkbox
                label={ROLE_TITLES[role]}
                description={ROLE_PURPOSES[role]}
                checked={grant !== undefined}
                onChange={(event) => onChange(event.currentTarget.checked ? [...value, { role }] : without(role))}
              />
              {grant !== undefined && isGroupRole(role) && options.length > 2 && (
                <Select
                  size="xs"
                  w={220}
                  ml={28}
                  mt={4}
                  aria-label={`Where ${ROLE_TITLES[role]} holds`}
                  allowDeselect={false}
                  data={options}
                  value={grant.serverGroup ?? EVERYWHERE}
                  onChange={(name) =>
                    onChange([
                      ...without(role),
                      name === null || name === EVERYWHERE ? { role } : { role, serverGroup: name },
                    ])
                  }
                />
              )}
            </div>
          );
        })}
        {error !== undefined && error !== null && (
          <Text size="xs" c="var(--mantine-color-error)">
            {error}
          </Text>
        )}
      </Stack>
    </fieldset>
  );
}

/** Roles in words: `Designer, Releaser on staging`. */
export function rolesInWords(grants: readonly RoleGrant[]): string {
  return grants
    .map(({ role, serverGroup }) =>
      serverGroup === undefined ? ROLE_TITLES[role] : `${ROLE_TITLES[role]} on ${serverGroup}`,
    )
    .join(', ');
}
