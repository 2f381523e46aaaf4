// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Licences: every state met by every step, bonds that add up, and what nobody may do.

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IManufacturerRegistry as I} from "../../../contracts/registry/IManufacturerRegistry.sol";
import {ManufacturerRegistry} from "../../../contracts/registry/ManufacturerRegistry.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";

contract ManufacturerRegistryTest is RegistryBase {
    uint96 private constant BOND = 1_000e18;
    bytes32 private constant MODEL = "AP-1";

    enum State {
        None,
        Granted,
        Active,
        Slashed,
        Suspended,
        GuardianSuspended,
        SuspensionOver,
        SlashedSuspensionOver,
        Revoked,
        RevokedLongAgo,
        Exiting,
        Exited
    }

    enum Step {
        PostBond,
        Suspend,
        GuardianSuspend,
        Reinstate,
        Revoke,
        Slash,
        Exit,
        Withdraw
    }

    function setUp() public override {
        super.setUp();
        token.transfer(maker, 1_000_000e18);
        vm.prank(maker);
        token.approve(address(manufacturers), type(uint256).max);
    }

    /// A row per state, a column per step: the first letter of the state it leads to (X: Exited), or a dot: refused.
    /// "No change" by a step that passes is the state's own letter.
    function _table() private pure returns (string[12] memory table) {
        //                           post, suspend, guardian, reinstate, revoke, slash, exit, withdraw
        table[uint256(State.None)] = "........";
        table[uint256(State.Granted)] = "A...R.E.";
        table[uint256(State.Active)] = ".SS.RGE.";
        table[uint256(State.Slashed)] = "A...RGE.";
        table[uint256(State.Suspended)] = "...ARS..";
        table[uint256(State.GuardianSuspended)] = ".S.ARS..";
        table[uint256(State.SuspensionOver)] = ".S..RGE.";
        table[uint256(State.SlashedSuspensionOver)] = "A...RGE.";
        table[uint256(State.Revoked)] = ".....R..";
        table[uint256(State.RevokedLongAgo)] = ".......R";
        table[uint256(State.Exiting)] = ".SS.RE..";
        table[uint256(State.Exited)] = ".......X";
    }

    function test_every_step_from_every_state() public {
        string[12] memory table = _table();
        for (uint8 state = 0; state <= uint8(type(State).max); ++state) {
            for (uint8 step = 0; step <= uint8(type(Step).max); ++step) {
                vm.warp(START);
                uint256 id = _reach(State(state));
                I.LicenceStatus before = manufacturers.statusOf(id);
                bool passed = _take(Step(step), id);
                bytes1 expected = bytes(table[state])[step];
                string memory what = string.concat("state ", _digits(state), " step ", _digits(step));
                _eq(what, passed, expected != ".");
                I.LicenceStatus afterwards = manufacturers.statusOf(id);
                if (passed) _eq(what, bytes32(_letter(afterwards)), bytes32(expected));
                else _eq(what, uint256(afterwards), uint256(before));
            }
        }
    }

    function test_a_refused_step_names_the_licence_and_its_state() public {
        uint256 id = _reach(State.Revoked);
        vm.expectRevert(abi.encodeWithSelector(I.LicenceStatusRefused.selector, id, I.LicenceStatus.Revoked));
        manufacturers.reinstate(id);
    }

    function test_a_fleet_counts_in_active_and_bonded_exiting_only() public {
        State[4] memory counting = [State.Active, State.SuspensionOver, State.Exiting, State.Active];
        for (uint8 state = 0; state <= uint8(type(State).max); ++state) {
            vm.warp(START);
            bool expected = false;
            for (uint256 i = 0; i < counting.length; ++i) expected = expected || uint8(counting[i]) == state;
            uint256 id = _reach(State(state));
            _eq(_digits(state), manufacturers.isActive(id), expected);
            _eq(_digits(state), manufacturers.isActiveAt(id, uint48(block.timestamp)), expected);
        }
        uint256 short = _reach(State.Slashed);
        vm.prank(maker);
        manufacturers.exit(short);
        _eq("exiting without its bond", manufacturers.isActive(short), false);
        _eq("exiting without its bond", manufacturers.isActiveAt(short, uint48(block.timestamp)), false);
    }

    function test_a_grant_without_bond_is_active_at_once() public {
        vm.expectEmit();
        emit I.LicenceActivated(1);
        uint256 id = _licence();
        _eq("status", uint256(manufacturers.statusOf(id)), uint256(I.LicenceStatus.Active));
        I.Licence memory licence = manufacturers.licenceOf(id);
        _eq("owner", licence.owner, maker);
        _eq("cap", licence.deviceCap, 1_000);
        _eq("name", keccak256(bytes(licence.name)), keccak256("Acme"));
        _eq("signer", keccak256(licence.attestationSigner), keccak256(abi.encodePacked(maker)));
        _eq("count", manufacturers.licenceCount(), 1);
    }

    /// Whatever is slashed and withdrawn, the registry holds exactly the bonds it owes.
    function testFuzz_bonds_add_up(uint96 bond, uint96 slashed, bool revoked) public {
        bond = uint96(1 + (bond % 500_000e18));
        slashed = uint96(1 + (slashed % bond));
        uint256 before = token.balanceOf(maker);
        uint256 id = manufacturers.grant(maker, "Acme", bond, 10, abi.encodePacked(maker));
        uint256 other = _reach(State.Active);
        vm.prank(maker);
        manufacturers.postBond(id);
        _eq("held", token.balanceOf(address(manufacturers)), uint256(bond) + BOND);
        manufacturers.slash(id, slashed, "sold devices with a known key");
        _eq("slashed", token.balanceOf(TREASURY), slashed);
        if (revoked) {
            manufacturers.revoke(id, "");
        } else {
            vm.prank(maker);
            manufacturers.exit(id);
        }
        vm.warp(START + 180 days);
        if (bond == slashed) vm.expectRevert();
        manufacturers.withdrawBond(id);
        _eq("what the other licence posted stays", token.balanceOf(address(manufacturers)), BOND);
        _eq("returned", token.balanceOf(maker) + BOND + slashed, before);
        _eq("other", manufacturers.licenceOf(other).bond, BOND);
    }

    function test_history_answers_for_the_moment_asked() public {
        uint256 id = _reach(State.Active);
        vm.warp(START + 10 days);
        manufacturers.guardianSuspend(id, 7 days, "");
        vm.warp(START + 20 days);
        manufacturers.suspend(id, "");
        vm.warp(START + 30 days);
        manufacturers.reinstate(id);
        vm.prank(maker);
        manufacturers.exit(id);
        vm.warp(START + 400 days);
        uint32[8] memory moments = [1 days, 10 days, 17 days - 1, 17 days, 20 days, 30 days, 210 days - 1, 210 days];
        bool[8] memory active = [true, false, false, true, false, true, true, false];
        for (uint256 i = 0; i < moments.length; ++i) {
            _eq(_digits(i), manufacturers.isActiveAt(id, uint48(START + moments[i])), active[i]);
        }
        _eq("before the grant", manufacturers.isActiveAt(id, uint48(START - 1)), false);
    }

    function test_a_guardian_suspends_once_and_for_14_days_at_most() public {
        uint256 id = _reach(State.Active);
        bytes4 invalid = I.SuspensionDurationInvalid.selector;
        vm.expectRevert(abi.encodeWithSelector(invalid, 14 days + 1, 14 days));
        manufacturers.guardianSuspend(id, 14 days + 1, "");
        vm.expectRevert(abi.encodeWithSelector(invalid, 0, 14 days));
        manufacturers.guardianSuspend(id, 0, "");
        manufacturers.guardianSuspend(id, 14 days, "");
        vm.warp(START + 14 days - 1);
        _eq("still", manufacturers.isActive(id), false);
        vm.warp(START + 14 days);
        _eq("over", manufacturers.isActive(id), true);
        vm.expectRevert(abi.encodeWithSelector(I.GuardianSuspensionUsed.selector, id));
        manufacturers.guardianSuspend(id, 1 days, "");
    }

    function test_attack_dodging_a_suspension_by_exiting() public {
        uint256 id = _reach(State.Exiting);
        manufacturers.guardianSuspend(id, 14 days, "");
        _eq("suspended", manufacturers.isActive(id), false);
        vm.warp(START + 200 days);
        vm.expectRevert(abi.encodeWithSelector(I.BondLocked.selector, id, uint256(START + 14 days)));
        manufacturers.withdrawBond(id);
    }

    function test_attack_transfer_of_a_licence_by_any_path() public {
        uint256 id = _licence();
        bytes memory refusal = abi.encodeWithSelector(I.LicenceNotTransferable.selector, id);
        vm.prank(maker);
        vm.expectRevert(refusal);
        manufacturers.transferFrom(maker, STRANGER, id);
        vm.prank(maker);
        manufacturers.approve(STRANGER, id);
        vm.prank(STRANGER);
        vm.expectRevert(refusal);
        manufacturers.safeTransferFrom(maker, STRANGER, id);
        _eq("owner", manufacturers.ownerOf(id), maker);
        _eq("locked", manufacturers.locked(id), true);
        _eq("ERC-5192", manufacturers.supportsInterface(0xb45a3c0e), true);
        _eq("ERC-721", manufacturers.supportsInterface(0x80ac58cd), true);
    }

    function test_a_slash_after_a_suspension_ran_out_leaves_no_trace_of_its_end() public {
        uint256 id = _reach(State.SuspensionOver);
        _take(Step.Slash, id);
        _eq("status", uint256(manufacturers.statusOf(id)), uint256(I.LicenceStatus.Granted));
        _eq("until", manufacturers.licenceOf(id).until, 0);
    }

    function test_set_up_as_told() public view {
        _eq("bond token", manufacturers.bondToken(), address(token));
        _eq("treasury", manufacturers.treasury(), TREASURY);
        _eq("verifier", manufacturers.isVerifier(STRANGER), false);
        _eq("registry", miners.manufacturerRegistry(), address(manufacturers));
        _eq("authority", manufacturers.authority(), address(manager));
        _eq("name", keccak256(bytes(manufacturers.name())), keccak256("DIMO Manufacturer Licence"));
        _eq("symbol", keccak256(bytes(manufacturers.symbol())), keccak256("DML"));
        _eq("exit period", manufacturers.EXIT_PERIOD_SECONDS(), 180 days);
        _eq("guardian's suspension", manufacturers.GUARDIAN_SUSPENSION_SECONDS_MAX(), 14 days);
    }

    function test_attack_initializer_re_run() public {
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        manufacturers.initialize(STRANGER, address(token), STRANGER);
        ManufacturerRegistry implementation = new ManufacturerRegistry();
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        implementation.initialize(STRANGER, address(token), STRANGER);
    }

    function test_attack_verifier_that_is_always_true() public {
        bytes memory signer = abi.encodePacked(STRANGER, bytes32("any key"));
        vm.expectRevert(abi.encodeWithSelector(I.VerifierNotListed.selector, STRANGER));
        manufacturers.grant(maker, "Acme", 0, 1, signer);
        uint256 id = _licence();
        vm.prank(maker);
        vm.expectRevert(abi.encodeWithSelector(I.VerifierNotListed.selector, STRANGER));
        manufacturers.setAttestationSigner(id, signer);
        manufacturers.setVerifier(STRANGER, true);
        vm.prank(maker);
        manufacturers.setAttestationSigner(id, signer);
        manufacturers.setVerifier(STRANGER, false);
        (, , bytes memory usable) = manufacturers.enrolmentTerms(id);
        _eq("a delisted verifier's signer is no longer usable", usable.length, 0);
    }

    function test_signers_that_are_none() public {
        bytes[3] memory signers = [bytes(""), hex"11223344556677889900112233445566778899", new bytes(20)];
        for (uint256 i = 0; i < signers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(I.AttestationSignerInvalid.selector, signers[i]));
            manufacturers.grant(maker, "Acme", 0, 1, signers[i]);
        }
    }

    function test_restricted_calls_by_a_stranger() public {
        uint256 id = _reach(State.Active);
        manufacturers.certify(id, MODEL, MODEL, MODEL);
        bytes[11] memory calls = [
            abi.encodeCall(I.grant, (STRANGER, "", 0, 1, abi.encodePacked(STRANGER))),
            abi.encodeCall(I.suspend, (id, "")),
            abi.encodeCall(I.guardianSuspend, (id, 1, "")),
            abi.encodeCall(I.reinstate, (id)),
            abi.encodeCall(I.revoke, (id, "")),
            abi.encodeCall(I.slash, (id, 1, "")),
            abi.encodeCall(I.setDeviceCap, (id, 1)),
            abi.encodeCall(I.setVerifier, (STRANGER, true)),
            abi.encodeCall(I.certify, (id, MODEL, MODEL, MODEL)),
            abi.encodeCall(I.withdrawCertificate, (id, MODEL, MODEL)),
            abi.encodeCall(manufacturers.upgradeToAndCall, (address(token), ""))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(STRANGER);
            (bool passed, bytes memory reason) = address(manufacturers).call(calls[i]);
            _eq(_digits(i), passed, false);
            bytes memory expected = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER);
            _eq(_digits(i), keccak256(reason), keccak256(expected));
        }
        bytes[3] memory owned = [
            abi.encodeCall(I.postBond, (id)),
            abi.encodeCall(I.exit, (id)),
            abi.encodeCall(I.setAttestationSigner, (id, abi.encodePacked(STRANGER)))
        ];
        for (uint256 i = 0; i < owned.length; ++i) {
            vm.prank(STRANGER);
            (bool passed, bytes memory reason) = address(manufacturers).call(owned[i]);
            _eq(_digits(i), passed, false);
            bytes memory expected = abi.encodeWithSelector(I.NotLicenceOwner.selector, id, STRANGER);
            _eq(_digits(i), keccak256(reason), keccak256(expected));
        }
    }

    function test_an_upgrade_keeps_the_state() public {
        uint256 id = _reach(State.Active);
        manufacturers.upgradeToAndCall(address(new ManufacturerRegistry()), "");
        _eq("status", uint256(manufacturers.statusOf(id)), uint256(I.LicenceStatus.Active));
        _eq("bond", manufacturers.licenceOf(id).bond, BOND);
    }

    function test_certificates_are_given_and_withdrawn() public {
        uint256 id = _licence();
        manufacturers.certify(id, MODEL, "image", "audit");
        _eq("audit", manufacturers.certificateOf(id, MODEL, "image"), "audit");
        _eq("another image", manufacturers.certificateOf(id, MODEL, "other"), bytes32(0));
        manufacturers.withdrawCertificate(id, MODEL, "image");
        _eq("withdrawn", manufacturers.certificateOf(id, MODEL, "image"), bytes32(0));
        bytes memory unknown = abi.encodeWithSelector(I.CertificateUnknown.selector, id, MODEL, bytes32("image"));
        vm.expectRevert(unknown);
        manufacturers.withdrawCertificate(id, MODEL, "image");
        vm.expectRevert(unknown);
        manufacturers.certify(id, MODEL, "image", 0);
    }

    function _reach(State state) private returns (uint256 id) {
        if (state == State.None) return 999;
        id = manufacturers.grant(maker, "Acme", BOND, 10, abi.encodePacked(maker));
        if (state == State.Granted) return id;
        _take(Step.PostBond, id);
        if (state == State.Slashed) _take(Step.Slash, id);
        if (state == State.Suspended) _take(Step.Suspend, id);
        if (state == State.Revoked || state == State.RevokedLongAgo) _take(Step.Revoke, id);
        if (state == State.Exiting || state == State.Exited) _take(Step.Exit, id);
        if (state == State.RevokedLongAgo || state == State.Exited) vm.warp(block.timestamp + 180 days);
        if (state < State.GuardianSuspended || state > State.SlashedSuspensionOver) return id;
        _take(Step.GuardianSuspend, id);
        if (state == State.SlashedSuspensionOver) _take(Step.Slash, id);
        if (state != State.GuardianSuspended) vm.warp(block.timestamp + 7 days);
    }

    function _take(Step step, uint256 id) private returns (bool passed) {
        bytes memory data = abi.encodeCall(I.withdrawBond, (id));
        if (step == Step.PostBond) data = abi.encodeCall(I.postBond, (id));
        if (step == Step.Suspend) data = abi.encodeCall(I.suspend, (id, "reason"));
        if (step == Step.GuardianSuspend) data = abi.encodeCall(I.guardianSuspend, (id, 7 days, "reason"));
        if (step == Step.Reinstate) data = abi.encodeCall(I.reinstate, (id));
        if (step == Step.Revoke) data = abi.encodeCall(I.revoke, (id, "reason"));
        if (step == Step.Slash) data = abi.encodeCall(I.slash, (id, 1, "reason"));
        if (step == Step.Exit) data = abi.encodeCall(I.exit, (id));
        if (step == Step.PostBond || step == Step.Exit) vm.prank(maker);
        (passed, ) = address(manufacturers).call(data);
    }

    function _letter(I.LicenceStatus status) private pure returns (bytes1) {
        return bytes("NGASREX")[uint256(status)];
    }

    function _digits(uint256 value) private pure returns (string memory) {
        return string(abi.encodePacked(bytes1(uint8(48 + value / 10)), bytes1(uint8(48 + (value % 10)))));
    }
}
