// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Initializable} from "@openzeppelin/contracts-upgradeable/proxy/utils/Initializable.sol";
import {Bounties} from "../../../contracts/funding/Bounties.sol";
import {DecoderRegistry} from "../../../contracts/registry/DecoderRegistry.sol";
import {ManufacturerRegistry} from "../../../contracts/registry/ManufacturerRegistry.sol";
import {MinerRegistry} from "../../../contracts/registry/MinerRegistry.sol";
import {RewardPool} from "../../../contracts/rewards/RewardPool.sol";
import {DimoToken} from "../../../contracts/token/DimoToken.sol";
import {Grants} from "../../../contracts/funding/Grants.sol";
import {ReferralProgram} from "../../../contracts/rewards/ReferralProgram.sol";
import {RewardLevels} from "../../../contracts/rewards/RewardLevels.sol";
import {Streams} from "../../../contracts/funding/Streams.sol";
import {VehicleLocks} from "../../../contracts/rewards/VehicleLocks.sol";
import {Treasury} from "../../../contracts/treasury/Treasury.sol";

/// @title What every second version adds: a field of its own, set once in the call that upgrades.
abstract contract SecondVersion is Initializable {
    /// @custom:storage-location erc7201:dimo.test.SecondVersion
    struct Second {
        uint256 note;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.test.SecondVersion")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SECOND_SLOT = 0xc297001a2367e88ab6e44d5d23da93d91d7f6955188efb8d738133c033b1b200;

    event NoteTaken(uint256 note);

    function initializeSecond(uint256 note_) external reinitializer(2) {
        _second().note = note_;
        emit NoteTaken(note_);
    }

    function note() external view returns (uint256) {
        return _second().note;
    }

    function _second() private pure returns (Second storage $) {
        assembly ("memory-safe") {
            $.slot := SECOND_SLOT
        }
    }
}

contract BountiesSecond is Bounties, SecondVersion {}

contract DecoderRegistrySecond is DecoderRegistry, SecondVersion {}

contract DimoTokenSecond is DimoToken, SecondVersion {}

contract ManufacturerRegistrySecond is ManufacturerRegistry, SecondVersion {}

contract MinerRegistrySecond is MinerRegistry, SecondVersion {}

contract RewardPoolSecond is RewardPool, SecondVersion {}

contract TreasurySecond is Treasury, SecondVersion {}

contract GrantsSecond is Grants, SecondVersion {}

contract ReferralProgramSecond is ReferralProgram, SecondVersion {}

contract RewardLevelsSecond is RewardLevels, SecondVersion {}

contract StreamsSecond is Streams, SecondVersion {}

contract VehicleLocksSecond is VehicleLocks, SecondVersion {}
