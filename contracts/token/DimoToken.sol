// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";
import {ERC20PermitUpgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/extensions/ERC20PermitUpgradeable.sol";
import {ERC20VotesUpgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/extensions/ERC20VotesUpgradeable.sol";
import {NoncesUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/NoncesUpgradeable.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";
import {Governed} from "../common/Governed.sol";
import {IDimoToken} from "./IDimoToken.sol";

/// @title See {IDimoToken}. Holds no storage of its own.
contract DimoToken is IDimoToken, ERC20Upgradeable, ERC20PermitUpgradeable, ERC20VotesUpgradeable, Governed {
    /// @notice One billion tokens, minted at initialization.
    uint256 public constant INITIAL_SUPPLY = 1_000_000_000e18;

    /// @inheritdoc IDimoToken
    function initialize(
        address authority,
        address treasury,
        Allocation[] calldata allocations
    ) external override initializer {
        __ERC20_init("DIMO", "DIMO");
        __ERC20Permit_init("DIMO");
        __ERC20Votes_init();
        __Governed_init(authority);

        uint256 allocated = 0;
        for (uint256 i = 0; i < allocations.length; ++i) {
            allocated += allocations[i].amount;
            _mint(allocations[i].holder, allocations[i].amount);
        }
        if (allocated > INITIAL_SUPPLY) revert DimoTokenOverAllocated(allocated, INITIAL_SUPPLY);
        _mint(treasury, INITIAL_SUPPLY - allocated);
    }

    /// @inheritdoc IDimoToken
    function mint(address to, uint256 amount) external override restricted {
        _mint(to, amount);
        emit Minted(to, amount);
    }

    /// @inheritdoc IDimoToken
    function burn(uint256 amount) external override restricted {
        _burn(msg.sender, amount);
        emit Burned(msg.sender, amount);
    }

    /// @notice Votes are counted by timestamp, as everything else here is. See ERC-6372.
    function clock() public view override returns (uint48) {
        return Time.timestamp();
    }

    /// @notice See ERC-6372.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @inheritdoc ERC20PermitUpgradeable
    function nonces(
        address owner
    ) public view override(ERC20PermitUpgradeable, NoncesUpgradeable) returns (uint256 nonce) {
        return super.nonces(owner);
    }

    function _update(
        address from,
        address to,
        uint256 value
    ) internal override(ERC20Upgradeable, ERC20VotesUpgradeable) {
        super._update(from, to, value);
    }
}
