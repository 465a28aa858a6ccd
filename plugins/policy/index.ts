import { definePlugin } from 'netconf/plugin';

/** The administrator's policy: who may do what, which steps an operation takes, and what follows an event. */
export default definePlugin({ name: 'policy', version: '1.0.0', apply() {} });
