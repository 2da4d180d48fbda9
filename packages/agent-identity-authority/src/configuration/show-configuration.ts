import { stringify } from 'smol-toml';
import { type ReadConfiguration, valueAt } from './read-configuration.js';
import { type Setting, settings } from './settings.js';

/**
 * A configuration as the TOML file that would give it, with where each setting came from. Of secrets it only says
 * whether there is one, and of URLs it leaves out the password.
 */
export function showConfiguration(read: ReadConfiguration): string {
  const lines: string[] = [];
  let section = '';
  for (const setting of settings) {
    const [ofSection = ''] = setting.path.includes('.') ? setting.path.split('.') : [];
    if (ofSection !== section) lines.push('', `[${ofSection}]`);
    section = ofSection;
    lines.push(shown(setting, read));
  }
  return `${lines.join('\n')}\n`;
}

function shown(setting: Setting, { configuration, origins }: ReadConfiguration): string {
  const name = setting.path.split('.').at(-1) ?? '';
  const value = valueAt(configuration, setting.path);
  const origin = origins.get(setting.path) ?? 'default';
  if (value === undefined) return `# ${name} is not set`;
  if (setting.secret) return `# ${name} is set (${origin})`;
  return `${stringify({ [name]: withoutPassword(value) }).trim()} # ${origin}`;
}

function withoutPassword(value: unknown): unknown {
  if (typeof value !== 'string' || !URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.password === '' && !url.searchParams.has('password')) return value;
  if (url.password !== '') url.password = 'hidden';
  if (url.searchParams.has('password')) url.searchParams.set('password', 'hidden');
  return url.href;
}
