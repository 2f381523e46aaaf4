// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title OpenZeppelin's vault as it is.
contract Vault is ERC4626 {
    constructor(IERC20 asset_) ERC20("Vault", "VLT") ERC4626(asset_) {}
}

/// @title A contract that knows nothing of the platform, and obeys one caller.
contract Stranger {
    address public immutable OBEYS;
    uint256 public value;

    event ValueSet(uint256 value, uint256 paid);

    error NotObeyed(address caller);

    constructor(address obeys) {
        OBEYS = obeys;
    }

    function set(uint256 value_) external payable {
        if (msg.sender != OBEYS) revert NotObeyed(msg.sender);
        value = value_;
        emit ValueSet(value_, msg.value);
    }
}
