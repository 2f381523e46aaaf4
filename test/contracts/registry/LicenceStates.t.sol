// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// The diagram of a licence as plain values: every step from every state, also those that the registry never asks for.

import {IManufacturerRegistry as I} from "../../../contracts/registry/IManufacturerRegistry.sol";
import {LicenceStates} from "../../../contracts/registry/LicenceStates.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";

contract LicenceStatesTest is RegistryBase {
    /// @dev By status: post, suspend, guardian, reinstate, revoke, slash, exit. A dot is a refusal; p: Active with the
    /// bond, else refused; b: Active with the bond, else Granted; t: Suspended where it was a guardian's, else refused.
    function _rows() private pure returns (string[7] memory) {
        return [".......", "p...RGE", ".SS.RbE", ".t.bRS.", ".....R.", ".SS.RE.", "......."];
    }

    function setUp() public override {}

    function test_the_diagram_step_by_step() public pure {
        string[7] memory rows = _rows();
        for (uint256 status = 0; status < rows.length; ++status) {
            for (uint256 step = 0; step < 7; ++step) {
                for (uint256 flags = 0; flags < 4; ++flags) {
                    (bool bonded, bool temporary) = (flags % 2 == 1, flags > 1);
                    I.LicenceStatus actual = LicenceStates.next(
                        LicenceStates.Step(step),
                        I.LicenceStatus(status),
                        bonded,
                        temporary
                    );
                    _eq(rows[status], uint256(actual), uint256(_read(bytes(rows[status])[step], bonded, temporary)));
                }
            }
        }
    }

    function test_only_a_suspension_and_an_exit_end_by_themselves() public pure {
        for (uint256 status = 0; status < 7; ++status) {
            I.LicenceStatus stored = I.LicenceStatus(status);
            I.LicenceStatus whole = stored == I.LicenceStatus.Exiting ? I.LicenceStatus.Exited : stored;
            I.LicenceStatus broken = whole;
            if (stored == I.LicenceStatus.Suspended)
                (whole, broken) = (I.LicenceStatus.Active, I.LicenceStatus.Granted);
            _eq("never", uint256(LicenceStates.current(stored, 0, true, START)), status);
            _eq("the second before", uint256(LicenceStates.current(stored, 100, true, 99)), status);
            _eq("the second itself", uint256(LicenceStates.current(stored, 100, true, 100)), uint256(whole));
            _eq("without the bond", uint256(LicenceStates.current(stored, 100, false, 100)), uint256(broken));
        }
    }

    function test_a_bond_is_held_180_days() public pure {
        _eq("period", LicenceStates.EXIT_PERIOD_SECONDS, 15_552_000);
        for (uint256 status = 0; status < 7; ++status) {
            I.LicenceStatus stored = I.LicenceStatus(status);
            bool ends = stored == I.LicenceStatus.Exiting || stored == I.LicenceStatus.Revoked;
            _eq("the second before", LicenceStates.isBondFree(stored, 100, 99), false);
            _eq("the second itself", LicenceStates.isBondFree(stored, 100, 100), ends);
        }
    }

    /// Told by hand, without the code that computes the status: an active fleet, and one back from 100 on.
    function test_the_history_keeps_whether_a_fleet_counts_and_when_that_flips() public pure {
        _eq("active", LicenceStates.pack(I.LicenceStatus.Active, 0, true), 1);
        _eq("granted", LicenceStates.pack(I.LicenceStatus.Granted, 0, false), 0);
        _eq("suspended until 100", LicenceStates.pack(I.LicenceStatus.Suspended, 100, true), 200);
        _eq("suspended, slashed", LicenceStates.pack(I.LicenceStatus.Suspended, 100, false), 0);
        _eq("exiting until 100", LicenceStates.pack(I.LicenceStatus.Exiting, 100, true), 201);
        _eq("exiting without its bond", LicenceStates.pack(I.LicenceStatus.Exiting, 100, false), 0);
        _eq("revoked", LicenceStates.pack(I.LicenceStatus.Revoked, 100, true), 0);
        // Ends of all remainders by 3: a bit is read, not a division's rest that happens to agree.
        for (uint208 until = 100; until < 103; ++until) {
            _eq("counts up to its end", LicenceStates.countedAt(until * 2 + 1, until - 1), true);
            _eq("not from its end on", LicenceStates.countedAt(until * 2 + 1, until), false);
            _eq("stopped up to its end", LicenceStates.countedAt(until * 2, until - 1), false);
            _eq("counts from its end on", LicenceStates.countedAt(until * 2, until), true);
        }
    }

    /// The history is written once, and answers for every moment as the clock would have.
    function testFuzz_the_history_agrees_with_the_clock(
        uint8 status,
        uint40 until,
        bool bonded,
        uint40 time
    ) public pure {
        I.LicenceStatus stored = I.LicenceStatus(status % 7);
        bool ends = stored == I.LicenceStatus.Exiting || stored == I.LicenceStatus.Revoked;
        if (ends && until == 0) until = 1;
        if (!ends && stored != I.LicenceStatus.Suspended) until = 0;
        bool counted = LicenceStates.countedAt(LicenceStates.pack(stored, until, bonded), time);
        _eq("counted", counted, LicenceStates.counts(LicenceStates.current(stored, until, bonded, time), bonded));
    }

    function _read(bytes1 cell, bool bonded, bool temporary) private pure returns (I.LicenceStatus) {
        if (cell == "p") return bonded ? I.LicenceStatus.Active : I.LicenceStatus.None;
        if (cell == "b") return bonded ? I.LicenceStatus.Active : I.LicenceStatus.Granted;
        if (cell == "t") return temporary ? I.LicenceStatus.Suspended : I.LicenceStatus.None;
        bytes memory letters = ".GASREX";
        for (uint256 i = 0; i < letters.length; ++i) if (letters[i] == cell) return I.LicenceStatus(i);
        revert("no such letter");
    }
}
