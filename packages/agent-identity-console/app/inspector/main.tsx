import { render } from 'preact';
import { config } from 'zod';
import { InspectorPage } from './inspector-page.js';

// The content security policy forbids the functions that zod compiles.
config({ jitless: true });
const root = document.querySelector('#app');
if (root !== null) render(<InspectorPage />, root);
