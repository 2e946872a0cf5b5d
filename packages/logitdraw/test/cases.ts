// The same cases of property tests each time: a build that fails must fail again. FC_SEED looks further.

import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 1) });
