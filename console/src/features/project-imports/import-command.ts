import { shellWord } from '../../components/shell-word.ts';
import type { Security } from '../project-wizards/security.ts';

/** What is chosen for an import, as far as the command line has it too. */
interface Chosen extends Pick<Security, 'secureWith'> {
  readonly displayName: string;
  readonly contextPath: string;
  readonly targetUrl: string;
  readonly choose?: 'all' | 'tags' | 'default';
  readonly tags?: readonly string[];
  readonly service?: string;
  readonly port?: string;
}

/** The command line that imports a file in the same way. */
export function importCommand(fileName: string | undefined, chosen: Chosen): string {
  const { displayName, contextPath, targetUrl, secureWith, choose, tags = [], service, port } = chosen;
  return [
    `gatewright import ${shellWord(fileName ?? 'FILE')}`,
    `--name ${shellWord(displayName.trim())}`,
    `--path ${shellWord(contextPath.trim())}`,
    `--target ${shellWord(targetUrl.trim())}`,
    `--secure-with ${secureWith}`,
    ...(choose === 'default' ? ['--only-default'] : []),
    ...(choose === 'tags' ? tags.map((tag) => `--tag ${shellWord(tag)}`) : []),
    ...(service === undefined || service === '' ? [] : [`--service ${shellWord(service)}`]),
    ...(port === undefined || port === '' ? [] : [`--port ${shellWord(port)}`]),
  ].join(' ');
}
