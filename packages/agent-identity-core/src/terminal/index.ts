export type { CompletionCommand, CompletionOption, CompletionShell } from './format-completions.js';
export { formatCompletions } from './format-completions.js';
export { printable } from './printable.js';
export type { Styles, StylesOfOptions, TextStyle } from './styles.js';
export { stylesOf } from './styles.js';
