import type { GuestPermissions } from "../../lib/sandbox/guest_permissions.ts";

/** No permission at all. */
export const NO_PERMISSIONS: GuestPermissions = {
  net: [],
  read: [],
  write: [],
  env: [],
  import: [],
  sys: [],
  run: [],
  ffi: [],
};
