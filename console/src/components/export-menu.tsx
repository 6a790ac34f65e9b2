import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { apiUrl } from '../api/client.ts';
import { useUrlState } from './url-state.ts';

const TITLES = { csv: 'CSV', json: 'JSON', jsonl: 'JSON lines' } as const;

/** What a list shows with its filters, as a file. `note`: which rows, and in which order. */
export function ExportMenu({
  address,
  note,
  formats,
}: {
  readonly address: string;
  readonly note: string;
  readonly formats: readonly (keyof typeof TITLES)[];
}) {
  const [{ cursor: _, limit: __, sort: ___, ...query }] = useUrlState();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{note}</Menu.Label>
        {formats.map((format) => (
          <Menu.Item key={format} component="a" href={apiUrl(address, { ...query, format })} download>
            {TITLES[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
