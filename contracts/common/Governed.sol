// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/**
 * @title Governed
 * @notice What every upgradeable contract here shares: privileged calls and upgrades go through one AccessManager.
 * @dev A derived contract calls `__Governed_init` from its initializer and marks its privileged functions `restricted`.
 */
abstract contract Governed is AccessManagedUpgradeable, UUPSUpgradeable {
    /// @dev Locks the implementation, so that only proxies can be initialized.
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    // solhint-disable-next-line func-name-mixedcase
    function __Governed_init(address authority_) internal onlyInitializing {
        __AccessManaged_init(authority_);
    }

    /// @dev The selector checked is the one that was called: `upgradeToAndCall`.
    // solhint-disable-next-line no-empty-blocks
    function _authorizeUpgrade(address) internal override restricted {}
}
