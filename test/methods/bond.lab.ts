import { bonds } from './builds.ts';
import { cutOff } from './cut-off.ts';

// The guest is slow: what shells differ in is seen outside of it.
cutOff(bonds, ['dash']);
