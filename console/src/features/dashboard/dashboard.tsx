import { Page } from '../../components/page.tsx';
export function Dashboard() {
  return <Page title="Dashboard">…</Page>;
}
