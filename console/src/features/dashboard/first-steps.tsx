import { Button, Group, Text, ThemeIcon, VisuallyHidden } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconCheck } from '@tabler/icons-react';
import type { DashboardOverview } from '#core/model/overview/screens';
import { LinkButton } from '../../components/link.tsx';
import { Surface } from '../../components/surface.tsx';
import classes from './dashboard.module.css';

type StepId = DashboardOverview['firstSteps'][number]['id'];

/** What each step says, and the one button that does it. */
const STEPS: Readonly<Record<StepId, { readonly title: string; readonly act: string; readonly link: string }>> = {
  'token-endpoint': {
    title: 'Create a token end point',
    act: 'Add an OAuth Token End Point',
    link: '/projects?add=oauth-token-endpoint',
  },
  'protected-api': { title: 'Create a protected API', act: 'Add a REST/HTTP project', link: '/projects?add=http' },
  deployed: { title: 'Deploy both', act: 'Open API projects', link: '/projects' },
  registered: { title: 'Create a product, client and subscription', act: 'Open Products', link: '/products' },
  keys: { title: 'Generate keys', act: 'Open Subscriptions', link: '/subscriptions' },
  call: { title: 'Make a call', act: 'Open Try it', link: '/try' },
};

/** The list of first steps, ticked by what is there. */
export function FirstSteps({ steps }: { readonly steps: DashboardOverview['firstSteps'] }) {
  const [isDismissed, setDismissed] = useLocalStorage({ key: 'gatewright.first-steps.dismissed', defaultValue: false });
  const done = steps.filter((step) => step.done).length;
  if (isDismissed) return undefined;
  const next = steps.find((step) => !step.done)?.id;
  return (
    <Surface
      title="First steps"
      aside={
        <Group gap="xs">
          <Text size="sm" c="dimmed" className="num">
            {done} of {steps.length}
          </Text>
          <Button size="compact-sm" variant="subtle" onClick={() => setDismissed(true)}>
            Dismiss
          </Button>
        </Group>
      }
    >
      <ol className={classes.steps}>
        {steps.map(({ id, done: isDone }, index) => (
          <li key={id}>
            <ThemeIcon
              size={22}
              radius="xl"
              variant={isDone ? 'filled' : 'default'}
              color={isDone ? 'green.9' : 'gray'}
              aria-hidden="true"
            >
              {isDone ? <IconCheck size={14} /> : <Text size="xs">{index + 1}</Text>}
            </ThemeIcon>
            <Text size="sm" c={isDone ? 'dimmed' : ''} className={classes.step ?? ''}>
              {STEPS[id].title}
              {isDone && <VisuallyHidden> (done)</VisuallyHidden>}
            </Text>
            {!isDone && (
              <LinkButton size="compact-sm" variant={id === next ? 'filled' : 'default'} to={STEPS[id].link}>
                {STEPS[id].act}
              </LinkButton>
            )}
          </li>
        ))}
      </ol>
    </Surface>
  );
}
