import { Button, Menu, Text } from '@mantine/core';
import { IconChevronDown, IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useRight } from '../../api/session.ts';
import { GuardedButton } from '../../components/guarded.tsx';

const KINDS = [
  { add: 'oauth-token-endpoint', title: 'OAuth Token End Point', help: 'Gives access tokens to registered clients.' },
  {
    add: 'oauth-authorization-endpoint',
    title: 'OAuth Authorization End Point',
    help: 'Lets people sign in and allow applications to act for them.',
  },
  { add: 'http', title: 'REST/HTTP', help: 'Passes calls on to an HTTP service, with policies around it.' },
  { add: 'wsdl', title: 'WSDL', help: 'Publishes a SOAP service from its WSDL.' },
] as const;

const IMPORTS = [
  { add: 'import', title: 'Import OpenAPI or WSDL…', help: 'Makes a project, with its resources, of a description.' },
  { add: 'export', title: 'From a project export…', help: 'Takes over a project as it was exported elsewhere.' },
] as const;

/** The menu that adds a project, of what there is. */
export function AddMenu() {
  const right = useRight('projects:write');
  if (!right.allowed)
    return (
      <GuardedButton right={right} leftSection={<IconPlus size={16} />}>
        Add
      </GuardedButton>
    );
  return (
    <Menu position="bottom-end" width={320}>
      <Menu.Target>
        <Button leftSection={<IconPlus size={16} />} rightSection={<IconChevronDown size={14} />}>
          Add
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {KINDS.map((kind) => (
          <AddItem key={kind.add} {...kind} />
        ))}
        <Menu.Divider />
        {IMPORTS.map((kind) => (
          <AddItem key={kind.add} {...kind} />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function AddItem({ add, title, help }: { readonly add: string; readonly title: string; readonly help: string }) {
  const navigate = useNavigate();
  return (
    <Menu.Item aria-description={help} onClick={() => void navigate({ to: '/projects', search: { add } as never })}>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      {/* Told as the entry's description: its name is its title. */}
      <Text size="xs" c="dimmed" aria-hidden="true">
        {help}
      </Text>
    </Menu.Item>
  );
}
