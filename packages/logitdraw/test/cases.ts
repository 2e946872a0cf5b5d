// Gives property tests the same cases every time, so that a failing build fails again. Set FC_SEED to try other cases.

import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 1) });
