import { stringify } from 'smol-toml';
import { type ReadConfiguration, valueAt } from './read-configuration.js';
import { type Setting, settings } from './settings.js';

/**
 * Formats a configuration as a TOML file, with where each setting comes from. For secrets, it only says whether they are
 * set; from URLs, it removes the password.
 */
export function showConfiguration(read: ReadConfiguration): string {
  const lines: string[] = [];
  let section = '';
  for (const setting of settings) {
    const [ownSection = ''] = setting.path.includes('.') ? setting.path.split('.') : [];
    if (ownSection !== section) lines.push('', `[${ownSection}]`);
    section = ownSection;
    lines.push(formatSetting(setting, read));
  }
  return `${lines.join('\n')}\n`;
}

function formatSetting(setting: Setting, { configuration, origins }: ReadConfiguration): string {
  const name = setting.path.split('.').at(-1) ?? '';
  const value = valueAt(configuration, setting.path);
  const origin = origins.get(setting.path) ?? 'default';
  if (value === undefined) return `# ${name} is not set`;
  if (setting.secret) return `# ${name} is set (${origin})`;
  return `${stringify({ [name]: withoutPassword(value) }).trim()} # ${origin}`;
}

function withoutPassword(value: unknown): unknown {
  if (typeof value !== 'string' || !value.includes('://')) return value;
  // Without a host, as for a Unix socket, it is a URL for Postgres but not for the parser.
  if (!URL.canParse(value))
    return value.replace(/:\/\/[^/]*@/, '://hidden@').replace(/(password=)[^&]*/g, '$1hidden');
  const url = new URL(value);
  if (url.password === '' && !url.searchParams.has('password')) return value;
  if (url.password !== '') url.password = 'hidden';
  if (url.searchParams.has('password')) url.searchParams.set('password', 'hidden');
  return url.href;
}
